-- What keeps packages, and what no longer does. The same as on SQLite, where it is explained (Sqlite/Migrations/0004_retention.sql).

ALTER TABLE retention_state ADD COLUMN eligible_since bigint;
ALTER TABLE retention_state ADD COLUMN eligible_cause text COLLATE "C";
ALTER TABLE retention_state ADD COLUMN eligible_reason text COLLATE "C";
DROP INDEX retention_state_due;
CREATE INDEX retention_state_due ON retention_state (current_expires_at, package_key)
    WHERE current_expires_at IS NOT NULL AND eligible_for_deletion = 0;

ALTER TABLE holds ADD COLUMN until bigint;
CREATE INDEX holds_until ON holds (until, hold_key) WHERE until IS NOT NULL;

CREATE INDEX references_holds ON content_references (from_key) WHERE from_kind = 4;

CREATE INDEX events_retention ON events (tenant, subject_kind, subject_id, stream_version)
    WHERE event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released', 'v1.retention.deletion_eligible');
