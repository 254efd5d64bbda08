-- The views: everything here can be computed again from the events (artifactstore replay), byte for byte.
--
-- 1. Every key of a row is the sequence of the event that created it: integers that grow, the same after every replay. Ids (16 bytes,
--    random at their end) and digests stand in one table each and are never join columns; with random keys a replay ran three times slower.
-- 2. Constraints inside CREATE TABLE are those that applying events needs (upserts, look-ups by key). They all grow at their end, or are
--    small. Everything else is CREATE INDEX: a replay builds those last, over sorted data. A table therefore has no other PRIMARY KEY than
--    its integer.
-- 3. tenant stands in every row from the first day. A content belongs to one tenant, so what hangs on a content_key need not repeat it in
--    its indexes.
-- 4. artifact_packages: one index per filter of GET /packages, each ending in package_key, so that a page is a seek and a walk, newest
--    first, and a filter that matches nothing is one seek. Several filters are intersected by leaping from key to key over these same
--    indexes (KeyIntersection.cs): the work follows the rarest filter, without statistics and without an index per combination.
-- 5. package_metadata holds the scalar members of the top level of the metadata, because metadata is a filter too. Names over 256 and
--    values over 1,024 bytes are not in it.
-- 6. content_digests: other digests of a content are rows, so that a new algorithm is no new column.
-- 7. storage_locations: the unique key says that a generation is written once, the partial one that at most one is live. Rows are never
--    deleted, or a generation could be used again. segments, retrieval_tier and restore_status wait for large objects and cold tiers.
-- 8. content_references begins with content_key: "does anything refer to this" is one seek, and decides every deletion. The other index
--    finds what a package or file lets go. from_kind leaves room for a content that refers to contents.
-- 9. failed_locations is kept, never counted: health asks for it all the time.
-- 10. holds and collection_candidates are here, empty, so that deletion arrives without a migration of large tables.

CREATE TABLE artifact_packages (
    package_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    package_id BLOB NOT NULL,
    name TEXT NOT NULL,
    producer TEXT NOT NULL,
    subject TEXT NOT NULL,
    retention_class TEXT NOT NULL,
    status TEXT NOT NULL,
    backend_id TEXT NOT NULL,
    metadata BLOB NOT NULL,
    metadata_schema TEXT,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    file_count INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    manifest_content_key INTEGER,
    finalized_at INTEGER,
    stream_version INTEGER NOT NULL,
    last_event_sequence INTEGER NOT NULL,
    UNIQUE (tenant, package_id)
);
CREATE INDEX packages_all ON artifact_packages (tenant, package_key);
CREATE INDEX packages_producer ON artifact_packages (tenant, producer, package_key);
CREATE INDEX packages_subject ON artifact_packages (tenant, subject, package_key);
CREATE INDEX packages_class ON artifact_packages (tenant, retention_class, package_key);
CREATE INDEX packages_status ON artifact_packages (tenant, status, package_key);

CREATE TABLE package_metadata (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    package_key INTEGER NOT NULL
);
CREATE UNIQUE INDEX package_metadata_pair ON package_metadata (tenant, name, value, package_key);

CREATE TABLE retention_state (
    package_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    retention_class TEXT NOT NULL,
    current_expires_at INTEGER,
    eligible_for_deletion INTEGER NOT NULL,
    active_hold_id BLOB
);
CREATE INDEX retention_state_due ON retention_state (current_expires_at, package_key) WHERE current_expires_at IS NOT NULL;

CREATE TABLE artifact_files (
    file_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    package_key INTEGER NOT NULL,
    file_id BLOB NOT NULL,
    relative_path TEXT NOT NULL,
    media_type TEXT NOT NULL,
    digest_algorithm TEXT NOT NULL,
    content_key INTEGER NOT NULL,
    size INTEGER NOT NULL,
    backend_id TEXT NOT NULL,
    ingested_at INTEGER NOT NULL,
    ingested_by TEXT NOT NULL
);
CREATE UNIQUE INDEX files_path ON artifact_files (package_key, relative_path);
CREATE UNIQUE INDEX files_id ON artifact_files (file_id);

CREATE TABLE contents (
    content_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    blake3 BLOB NOT NULL,
    size INTEGER
);
CREATE UNIQUE INDEX contents_blake3 ON contents (tenant, blake3);

CREATE TABLE content_digests (
    content_key INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    digest BLOB NOT NULL,
    UNIQUE (content_key, algorithm)
);
CREATE INDEX content_digests_digest ON content_digests (tenant, algorithm, digest);

CREATE TABLE storage_locations (
    location_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    backend_id TEXT NOT NULL,
    content_key INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    status TEXT NOT NULL,
    physical_key TEXT NOT NULL,
    encoding TEXT NOT NULL,
    segments BLOB,
    retrieval_tier TEXT NOT NULL,
    restore_status TEXT,
    changed_at INTEGER NOT NULL,
    verified_at INTEGER,
    reason TEXT,
    last_event_sequence INTEGER NOT NULL,
    UNIQUE (content_key, backend_id, generation)
);
CREATE UNIQUE INDEX locations_live ON storage_locations (content_key, backend_id) WHERE status = 'live';
CREATE INDEX locations_not_live ON storage_locations (status, location_key) WHERE status IN ('failed', 'condemned');

CREATE TABLE content_references (
    content_key INTEGER NOT NULL,
    edge_kind INTEGER NOT NULL,
    from_kind INTEGER NOT NULL,
    from_key INTEGER NOT NULL,
    tenant TEXT NOT NULL
);
CREATE UNIQUE INDEX references_to ON content_references (content_key, edge_kind, from_kind, from_key);
CREATE INDEX references_from ON content_references (from_kind, from_key);

CREATE TABLE failed_locations (
    backend_id TEXT NOT NULL,
    failed INTEGER NOT NULL,
    UNIQUE (backend_id)
);

CREATE TABLE retention_classes (
    class_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    slug TEXT NOT NULL,
    default_duration_seconds INTEGER,
    description TEXT NOT NULL,
    last_event_sequence INTEGER NOT NULL,
    UNIQUE (tenant, slug)
);

CREATE TABLE metadata_schemas (
    schema_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    slug TEXT NOT NULL,
    document BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    registered_by TEXT NOT NULL,
    UNIQUE (tenant, slug)
);

CREATE TABLE holds (
    hold_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    hold_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    covers TEXT NOT NULL,
    reason TEXT NOT NULL,
    owner TEXT NOT NULL,
    applied_at INTEGER NOT NULL,
    UNIQUE (tenant, hold_id)
);
CREATE INDEX holds_covers ON holds (tenant, kind, covers);

CREATE TABLE collection_candidates (
    content_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    queued_by_sequence INTEGER NOT NULL
);
