-- The chain over the entries of each workspace's trail. It is written after them, by the sealer.

CREATE TABLE audit_seals (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization_id  INTEGER NOT NULL REFERENCES organizations (id),
    position         INTEGER NOT NULL CHECK (position > 0),
    entry_id         INTEGER NOT NULL,
    content          BLOB NOT NULL CHECK (length(content) = 32),
    chain            BLOB NOT NULL CHECK (length(chain) = 32),
    created_at       INTEGER NOT NULL,
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, position),
    UNIQUE (organization_id, entry_id),
    FOREIGN KEY (organization_id, entry_id) REFERENCES audit_entries (organization_id, id)
) STRICT;
