DROP VIEW deal_activities;
DROP TABLE activities;
DROP VIEW leads;
DROP TABLE lead_conversions;
ALTER TABLE prospects RENAME TO leads;
