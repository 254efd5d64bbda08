-- Working tables: what is under way. They survive a replay and are no part of it; losing them loses no answered write.
--
-- 1. settling: the right of one attempt to write one key. Unique by (tenant, backend, content, generation). A reservation is an insert and
--    a delete, both at random places, so the table is its own index and stays as small as what is being uploaded now.
-- 2. node_epoch names the run of the process that reserved. A row of another run belongs to the dead: it is condemned when the store opens,
--    so that nobody waits for it.
-- 3. upload_sessions are fenced by epoch (a takeover starts the next one); hash_state is a resumable digest, and may be lost.
-- 4. reminders wake a grain at a due time: the index is the queue.
-- 5. idempotency_keys bind a client's key to the digest of the request it came with; created_at finds the old ones.

CREATE TABLE settling (
    tenant TEXT NOT NULL,
    backend_id TEXT NOT NULL,
    blake3 BLOB NOT NULL,
    generation INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    size INTEGER NOT NULL,
    owner BLOB NOT NULL,
    physical_key TEXT NOT NULL,
    node_epoch BLOB NOT NULL,
    reserved_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, backend_id, blake3, generation)
) WITHOUT ROWID;

CREATE TABLE upload_sessions (
    tenant TEXT NOT NULL,
    upload_id BLOB NOT NULL,
    package_id BLOB,
    backend_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    received_bytes INTEGER NOT NULL,
    hash_state BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, upload_id)
) WITHOUT ROWID;
CREATE INDEX upload_sessions_expiry ON upload_sessions (expires_at);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    owner BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE reminders (
    grain_type TEXT NOT NULL,
    grain_key TEXT NOT NULL,
    name TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    period INTEGER,
    PRIMARY KEY (grain_type, grain_key, name)
) WITHOUT ROWID;
CREATE INDEX reminders_due ON reminders (due_at);

CREATE TABLE idempotency_keys (
    tenant TEXT NOT NULL,
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    result_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, actor, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
