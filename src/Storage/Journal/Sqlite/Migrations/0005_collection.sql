-- What goes, and what is left of it (ADR 9).
--
-- 1. A reference names the backend in which it needs the bytes: that of the file, or of the package for its manifest. A hold on a content
--    names none (''): it is content with any copy, and so keeps every one. "What keeps this content here" is a seek in references_to.
-- 2. A condemned location remembers the reference that was the last to keep it: when the bytes are gone, that package is told.
-- 3. released_count grows to file_count, and one more for the manifest: then nothing of the package is left.
-- 4. packages_collecting and retention_state_eligible are the collector's work lists. They hold what is on its way out, not what is stored.
-- 5. collection_candidates is a working table from now on: contents whose last keeper may have gone without a successor (a hold that was
--    released). It was empty. Losing it loses no answered write: a recount finds such contents too.
-- 6. The history of a package's retention goes on to its end: events_retention has two more types.

ALTER TABLE content_references ADD COLUMN backend_id TEXT NOT NULL DEFAULT '';
UPDATE content_references SET backend_id = (SELECT f.backend_id FROM artifact_files f WHERE f.file_key = from_key) WHERE from_kind = 1;
UPDATE content_references SET backend_id = (SELECT p.backend_id FROM artifact_packages p WHERE p.package_key = from_key) WHERE from_kind = 2;
DROP INDEX references_to;
CREATE UNIQUE INDEX references_to ON content_references (content_key, backend_id, edge_kind, from_kind, from_key);

ALTER TABLE storage_locations ADD COLUMN released_package_key INTEGER;
ALTER TABLE storage_locations ADD COLUMN released_file_key INTEGER;

ALTER TABLE artifact_packages ADD COLUMN released_count INTEGER NOT NULL DEFAULT 0;
CREATE INDEX packages_collecting ON artifact_packages (package_key) WHERE status = 'collecting';

ALTER TABLE retention_state ADD COLUMN collection_started_at INTEGER;
CREATE INDEX retention_state_eligible ON retention_state (eligible_since, package_key)
    WHERE eligible_for_deletion = 1 AND collection_started_at IS NULL;

DROP TABLE collection_candidates;
CREATE TABLE collection_candidates (
    tenant TEXT NOT NULL,
    blake3 BLOB NOT NULL,
    queued_by INTEGER NOT NULL,
    PRIMARY KEY (tenant, blake3)
) WITHOUT ROWID;

CREATE UNIQUE INDEX collection_candidates_queue ON collection_candidates (queued_by);

DROP INDEX events_retention;
CREATE INDEX events_retention ON events (tenant, subject_kind, subject_id, stream_version)
    WHERE event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released',
        'v1.retention.deletion_eligible', 'v1.package.collection_started', 'v1.package.garbage_collected');
