-- Working tables: what is under way. They survive a replay and are no part of it; losing them loses no answered write. The same tables as
-- on SQLite (Sqlite/Migrations/0003_work.sql). What differs here:
--
-- 1. Many nodes reserve at once: node_epoch names the run of the process that did, and a row is abandoned when that node is dead (nodes).
-- 2. settling is small and changes all the time, so it is vacuumed by its changes and not by its size.

CREATE TABLE settling (
    tenant text COLLATE "C" NOT NULL,
    backend_id text COLLATE "C" NOT NULL,
    blake3 bytea NOT NULL,
    generation bigint NOT NULL,
    sha256 bytea NOT NULL,
    size bigint NOT NULL,
    owner uuid NOT NULL,
    physical_key text COLLATE "C" NOT NULL,
    node_epoch uuid NOT NULL,
    reserved_at bigint NOT NULL,
    PRIMARY KEY (tenant, backend_id, blake3, generation)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX settling_node ON settling (node_epoch);

CREATE TABLE upload_sessions (
    tenant text COLLATE "C" NOT NULL,
    upload_id uuid NOT NULL,
    package_id uuid,
    backend_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    received_bytes bigint NOT NULL,
    hash_state bytea,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (tenant, upload_id)
);
CREATE INDEX upload_sessions_expiry ON upload_sessions (expires_at);

CREATE TABLE leases (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    owner uuid NOT NULL,
    epoch bigint NOT NULL,
    expires_at bigint NOT NULL
);

CREATE TABLE reminders (
    grain_type text COLLATE "C" NOT NULL,
    grain_key text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL,
    period bigint,
    PRIMARY KEY (grain_type, grain_key, name)
);
CREATE INDEX reminders_due ON reminders (due_at);

CREATE TABLE idempotency_keys (
    tenant text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    idempotency_key text COLLATE "C" NOT NULL,
    request_digest bytea NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, actor, idempotency_key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Who works on this store. seen_at, by the clock of this database, is what tells the living from the dead. (SQLite needs no such table:
-- its store has one node, whose process owns the file.)
CREATE TABLE nodes (
    node_id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL
) WITH (fillfactor = 50);
