-- The server only adds to trails. When a whole workspace ends, this ends its trail: of the workspace
-- that the transaction is in, and only if that is closed. Temporary tables, which anybody can make,
-- are looked into last: none takes the place of ours.
CREATE FUNCTION erase_trail() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    tenant BIGINT := NULLIF(current_setting('app.tenant', true), '')::bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM organizations WHERE id = tenant AND deleted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the workspace is not closed';
    END IF;
    DELETE FROM audit_seals WHERE organization_id = tenant;
    DELETE FROM audit_entries WHERE organization_id = tenant;
END $$;
