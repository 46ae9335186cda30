-- Sessions of browsers: tokens that travel in a cookie and end by themselves.

ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'token' CHECK (kind IN ('token', 'session'));
ALTER TABLE tokens ADD COLUMN ends_at INTEGER;
ALTER TABLE tokens ADD COLUMN used_at INTEGER;
ALTER TABLE tokens ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_ends_at ON tokens (ends_at) WHERE ends_at IS NOT NULL;

-- What a sign-in at a provider leads to.
ALTER TABLE sign_in_flows ADD COLUMN kind TEXT NOT NULL DEFAULT 'token' CHECK (kind IN ('token', 'session'));
