-- The log, and who it belongs to.
--
-- 1. events is the truth. Rows are never changed or deleted; the triggers make a slip in our own code an error instead of a loss.
-- 2. sequence is the rowid: appending is writing at the end of one b-tree, tailing is reading along it.
-- 3. (tenant, subject_kind, subject_id, stream_version) is unique: whatever a node believed, two events never share a place in a stream.
--    It also answers "which version is this stream at" with one seek.
-- 4. append_size is the number of events of the append on its first event and 0 on the others, so that the index which recognises a repeat
--    has one entry per append, and the answer to a repeat is one row.
-- 5. Times are microseconds since 1970 as integers: the same on every database, and what the leaf digest is computed from.
-- 6. store has one row. Its head is written in the transaction that writes events, so a head that differs from the last event is damage.
-- 7. recoveries counts the commits that were repeated to learn the fate of an earlier one; such a commit has to write something.

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id BLOB NOT NULL,
    incarnation INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    head_sequence INTEGER NOT NULL,
    head_leaf_digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    recoveries INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    created_at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    tenant TEXT NOT NULL,
    subject_kind INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    stream_version INTEGER NOT NULL,
    actor TEXT NOT NULL,
    append_id BLOB NOT NULL,
    append_size INTEGER NOT NULL,
    payload_digest BLOB NOT NULL,
    leaf_digest BLOB NOT NULL,
    payload BLOB NOT NULL
);

CREATE UNIQUE INDEX events_stream ON events (tenant, subject_kind, subject_id, stream_version);
CREATE INDEX events_type ON events (event_type, sequence);
CREATE UNIQUE INDEX events_append ON events (append_id) WHERE append_size > 0;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
