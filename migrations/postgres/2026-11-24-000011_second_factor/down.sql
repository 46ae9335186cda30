DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE organizations DROP COLUMN requires_second_factor;
ALTER TABLE people DROP COLUMN second_factor_at;
