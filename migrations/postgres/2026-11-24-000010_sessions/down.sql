ALTER TABLE sign_in_flows DROP COLUMN kind;
-- What was before takes a session for a token that never ends.
UPDATE tokens SET revoked_at = now() WHERE kind = 'session' AND revoked_at IS NULL;
DROP INDEX tokens_ends_at;
DROP INDEX tokens_user;
ALTER TABLE tokens
    DROP COLUMN kind,
    DROP COLUMN ends_at,
    DROP COLUMN used_at,
    DROP COLUMN address,
    DROP COLUMN user_agent;
