DROP VIEW organization_invites;
DROP TABLE invite_links;
DROP TABLE invites;
