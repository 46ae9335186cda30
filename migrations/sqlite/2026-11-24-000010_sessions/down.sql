ALTER TABLE sign_in_flows DROP COLUMN kind;
-- What was before takes a session for a token that never ends.
UPDATE tokens SET revoked_at = created_at WHERE kind = 'session' AND revoked_at IS NULL;
DROP INDEX tokens_ends_at;
DROP INDEX tokens_user;
ALTER TABLE tokens DROP COLUMN kind;
ALTER TABLE tokens DROP COLUMN ends_at;
ALTER TABLE tokens DROP COLUMN used_at;
ALTER TABLE tokens DROP COLUMN address;
ALTER TABLE tokens DROP COLUMN user_agent;
