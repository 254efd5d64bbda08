-- The views: everything here can be computed again from the events (artifactstore replay), byte for byte. The same tables as on SQLite; why
-- each table and index is as it is stands in that file (Sqlite/Migrations/0002_views.sql). What differs here:
--
-- 1. Keys and constraints are unique indexes, all of them by name: a replay fills tables without any, then builds each as it stood.
-- 2. An entry of a b-tree ends at 2,704 bytes. Paths end at 1,024, producers, subjects and names below that, and longer metadata values are
--    not indexed (Projection.cs), so no row can be refused for its size.
-- 3. Rows that are updated in place (counts of a package, the state of a location) have room beside them.

CREATE TABLE artifact_packages (
    package_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    package_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    producer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    retention_class text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    backend_id text COLLATE "C" NOT NULL,
    metadata bytea NOT NULL,
    metadata_schema text COLLATE "C",
    created_at bigint NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    file_count bigint NOT NULL,
    total_bytes bigint NOT NULL,
    manifest_content_key bigint,
    finalized_at bigint,
    stream_version bigint NOT NULL,
    last_event_sequence bigint NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX packages_key ON artifact_packages (package_key);
CREATE UNIQUE INDEX packages_id ON artifact_packages (tenant, package_id);
CREATE INDEX packages_all ON artifact_packages (tenant, package_key);
CREATE INDEX packages_producer ON artifact_packages (tenant, producer, package_key);
CREATE INDEX packages_subject ON artifact_packages (tenant, subject, package_key);
CREATE INDEX packages_class ON artifact_packages (tenant, retention_class, package_key);
CREATE INDEX packages_status ON artifact_packages (tenant, status, package_key);

CREATE TABLE package_metadata (
    tenant text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    package_key bigint NOT NULL
);
CREATE UNIQUE INDEX package_metadata_pair ON package_metadata (tenant, name, value, package_key);

CREATE TABLE retention_state (
    package_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    retention_class text COLLATE "C" NOT NULL,
    current_expires_at bigint,
    eligible_for_deletion bigint NOT NULL,
    active_hold_id uuid
);
CREATE UNIQUE INDEX retention_state_key ON retention_state (package_key);
CREATE INDEX retention_state_due ON retention_state (current_expires_at, package_key) WHERE current_expires_at IS NOT NULL;

CREATE TABLE artifact_files (
    file_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    package_key bigint NOT NULL,
    file_id uuid NOT NULL,
    relative_path text COLLATE "C" NOT NULL,
    media_type text COLLATE "C" NOT NULL,
    digest_algorithm text COLLATE "C" NOT NULL,
    content_key bigint NOT NULL,
    size bigint NOT NULL,
    backend_id text COLLATE "C" NOT NULL,
    ingested_at bigint NOT NULL,
    ingested_by text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX files_key ON artifact_files (file_key);
CREATE UNIQUE INDEX files_path ON artifact_files (package_key, relative_path);
CREATE UNIQUE INDEX files_id ON artifact_files (file_id);

CREATE TABLE contents (
    content_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    blake3 bytea NOT NULL,
    size bigint
);
CREATE UNIQUE INDEX contents_key ON contents (content_key);
CREATE UNIQUE INDEX contents_blake3 ON contents (tenant, blake3);

CREATE TABLE content_digests (
    content_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    algorithm text COLLATE "C" NOT NULL,
    digest bytea NOT NULL
);
CREATE UNIQUE INDEX content_digests_algorithm ON content_digests (content_key, algorithm);
CREATE INDEX content_digests_digest ON content_digests (tenant, algorithm, digest);

CREATE TABLE storage_locations (
    location_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    backend_id text COLLATE "C" NOT NULL,
    content_key bigint NOT NULL,
    generation bigint NOT NULL,
    status text COLLATE "C" NOT NULL,
    physical_key text COLLATE "C" NOT NULL,
    encoding text COLLATE "C" NOT NULL,
    segments bytea,
    retrieval_tier text COLLATE "C" NOT NULL,
    restore_status text COLLATE "C",
    changed_at bigint NOT NULL,
    verified_at bigint,
    reason text COLLATE "C",
    last_event_sequence bigint NOT NULL
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX locations_key ON storage_locations (location_key);
CREATE UNIQUE INDEX locations_generation ON storage_locations (content_key, backend_id, generation);
CREATE UNIQUE INDEX locations_live ON storage_locations (content_key, backend_id) WHERE status = 'live';
CREATE INDEX locations_not_live ON storage_locations (status, location_key) WHERE status IN ('failed', 'condemned');

CREATE TABLE content_references (
    content_key bigint NOT NULL,
    edge_kind bigint NOT NULL,
    from_kind bigint NOT NULL,
    from_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX references_to ON content_references (content_key, edge_kind, from_kind, from_key);
CREATE INDEX references_from ON content_references (from_kind, from_key);

CREATE TABLE failed_locations (
    backend_id text COLLATE "C" NOT NULL,
    failed bigint NOT NULL
);
CREATE UNIQUE INDEX failed_locations_backend ON failed_locations (backend_id);

CREATE TABLE retention_classes (
    class_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    default_duration_seconds bigint,
    description text COLLATE "C" NOT NULL,
    last_event_sequence bigint NOT NULL
);
CREATE UNIQUE INDEX retention_classes_key ON retention_classes (class_key);
CREATE UNIQUE INDEX retention_classes_slug ON retention_classes (tenant, slug);

CREATE TABLE metadata_schemas (
    schema_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    document bytea NOT NULL,
    registered_at bigint NOT NULL,
    registered_by text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX metadata_schemas_key ON metadata_schemas (schema_key);
CREATE UNIQUE INDEX metadata_schemas_slug ON metadata_schemas (tenant, slug);

CREATE TABLE holds (
    hold_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    hold_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    covers text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    applied_at bigint NOT NULL
);
CREATE UNIQUE INDEX holds_key ON holds (hold_key);
CREATE UNIQUE INDEX holds_id ON holds (tenant, hold_id);
CREATE INDEX holds_covers ON holds (tenant, kind, covers);

CREATE TABLE collection_candidates (
    content_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    queued_by_sequence bigint NOT NULL
);
CREATE UNIQUE INDEX collection_candidates_key ON collection_candidates (content_key);
