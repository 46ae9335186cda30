DROP TABLE sign_in_flows;
DROP TABLE identities;
ALTER TABLE people DROP COLUMN email_verified_at;
