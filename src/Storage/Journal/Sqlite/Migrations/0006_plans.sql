-- Plans of what may be deleted (ADR 10).
--
-- 1. A plan is a row of retention_plans once it was made to the end; what it lists is a row each. A part of a plan that was never made
--    leaves rows that nobody finds: a few at worst, and only when a process died while it was making one.
-- 2. Rows of a plan are found by the package: "is this package in the plan" is a seek, which decides whose bytes come back.
-- 3. A package remembers the plan that started its collection, so that a run that was interrupted knows what it has done.
-- 4. retention_state_plannable is the walk that makes a plan: in the order of the packages, so that none is met twice whatever becomes of it
--    meanwhile. It holds what waits for collection, not what is stored.

CREATE TABLE retention_plans (
    plan_key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    plan_id BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    position INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    packages INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    freed_bytes INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    started INTEGER,
    skipped INTEGER,
    stream_version INTEGER NOT NULL,
    UNIQUE (tenant, plan_id)
);
CREATE INDEX retention_plans_newest ON retention_plans (tenant, plan_key);

CREATE TABLE retention_plan_items (
    tenant TEXT NOT NULL,
    plan_id BLOB NOT NULL,
    package_key INTEGER NOT NULL,
    stream_version INTEGER NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT,
    since INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE UNIQUE INDEX retention_plan_items_package ON retention_plan_items (tenant, plan_id, package_key);

ALTER TABLE retention_state ADD COLUMN collection_plan TEXT;
CREATE INDEX retention_state_plannable ON retention_state (package_key)
    WHERE eligible_for_deletion = 1 AND collection_started_at IS NULL;
