-- The log, and who it belongs to. The same tables as on SQLite, in PostgreSQL's types; texts compare by their bytes (COLLATE "C"), as they do
-- there, so that pages are the same on both.
--
-- 1. events is the truth. Rows are never changed or deleted; the trigger makes a slip in our own code an error instead of a loss.
-- 2. (tenant, subject_kind, subject_id, stream_version) is unique: whatever a node believed, two events never share a place in a stream.
--    It also answers "which version is this stream at" with one seek.
-- 3. append_size is the number of events of the append on its first event and 0 on the others, so that the index which recognises a repeat
--    has one entry per append, and the answer to a repeat is one row.
-- 4. Times are microseconds since 1970 as integers: the same on every database, and what the leaf digest is computed from.
-- 5. store has one row. Its head is written in the transaction that writes events, so a head that differs from the last event is damage.
--    That transaction holds the journal's advisory lock, so the row is never waited for; room beside it keeps its updates on one page.

CREATE TABLE store (
    id bigint PRIMARY KEY CHECK (id = 1),
    store_id uuid NOT NULL,
    incarnation bigint NOT NULL,
    schema_version bigint NOT NULL,
    head_sequence bigint NOT NULL,
    head_leaf_digest bytea NOT NULL,
    created_at bigint NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE events (
    sequence bigint PRIMARY KEY,
    created_at bigint NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    subject_kind bigint NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    stream_version bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    append_id uuid NOT NULL,
    append_size bigint NOT NULL,
    payload_digest bytea NOT NULL,
    leaf_digest bytea NOT NULL,
    payload bytea NOT NULL
);

CREATE UNIQUE INDEX events_stream ON events (tenant, subject_kind, subject_id, stream_version);
CREATE INDEX events_type ON events (event_type, sequence);
CREATE UNIQUE INDEX events_append ON events (append_id) WHERE append_size > 0;

CREATE FUNCTION events_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed or deleted';
END;
$$;
CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events EXECUTE FUNCTION events_are_final();
