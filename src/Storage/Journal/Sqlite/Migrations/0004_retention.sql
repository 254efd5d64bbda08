-- What keeps packages, and what no longer does.
--
-- 1. A package that is marked says since when and why. An extension takes the mark off.
-- 2. retention_state_due leaves the marked ones out: a sweep reads what has expired since the last one, however much waits for collection.
-- 3. A hold may name its end. Nothing compares it with a clock but the sweep that then releases the hold, by an event.
-- 4. A hold on a content is a reference; its few rows have an index of their own, so that releasing one is a seek. A replay has it too.
-- 5. The history of a package's retention is a walk along an index of such events alone: a package of 100,000 files answers as fast. Its
--    first event of this kind is always the second of its stream, and is not in the index.
-- 6. active_hold_id is a column of the inventory and stays empty: many holds may bind at once, and they stand in holds.

ALTER TABLE retention_state ADD COLUMN eligible_since INTEGER;
ALTER TABLE retention_state ADD COLUMN eligible_cause TEXT;
ALTER TABLE retention_state ADD COLUMN eligible_reason TEXT;
DROP INDEX retention_state_due;
CREATE INDEX retention_state_due ON retention_state (current_expires_at, package_key)
    WHERE current_expires_at IS NOT NULL AND eligible_for_deletion = 0;

ALTER TABLE holds ADD COLUMN until INTEGER;
CREATE INDEX holds_until ON holds (until, hold_key) WHERE until IS NOT NULL;

CREATE INDEX references_holds ON content_references (from_key) WHERE from_kind = 4;

CREATE INDEX events_retention ON events (tenant, subject_kind, subject_id, stream_version)
    WHERE event_type IN ('v1.retention.extended', 'v1.retention.hold_applied', 'v1.retention.hold_released', 'v1.retention.deletion_eligible');
