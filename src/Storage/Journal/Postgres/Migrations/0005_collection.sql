-- What goes, and what is left of it. The same as on SQLite, where it is explained (Sqlite/Migrations/0005_collection.sql).

ALTER TABLE content_references ADD COLUMN backend_id text COLLATE "C" NOT NULL DEFAULT '';
UPDATE content_references SET backend_id = f.backend_id FROM artifact_files f WHERE from_kind = 1 AND f.file_key = from_key;
UPDATE content_references SET backend_id = p.backend_id FROM artifact_packages p WHERE from_kind = 2 AND p.package_key = from_key;
DROP INDEX references_to;
CREATE UNIQUE INDEX references_to ON content_references (content_key, backend_id, edge_kind, from_kind, from_key);

ALTER TABLE storage_locations ADD COLUMN released_package_key bigint;
ALTER TABLE storage_locations ADD COLUMN released_file_key bigint;

ALTER TABLE artifact_packages ADD COLUMN released_count bigint NOT NULL DEFAULT 0;
CREATE INDEX packages_collecting ON artifact_packages (package_key) WHERE status = 'collecting';

ALTER TABLE retention_state ADD COLUMN collection_started_at bigint;
CREATE INDEX retention_state_eligible ON retention_state (eligible_since, package_key)
    WHERE eligible_for_deletion = 1 AND collection_started_at IS NULL;

DROP TABLE collection_candidates;
CREATE TABLE collection_candidates (
    tenant text COLLATE "C" NOT NULL,
    blake3 bytea NOT NULL,
    queued_by bigint NOT NULL,
    PRIMARY KEY (tenant, blake3)
);

CREATE UNIQUE INDEX collection_candidates_queue ON collection_candidates (queued_by);

DROP INDEX events_retention;
CREATE INDEX events_retention ON events (tenant, subject_kind, subject_id, stream_version)
    WHERE event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released',
        'v1.retention.deletion_eligible', 'v1.package.collection_started', 'v1.package.garbage_collected');
