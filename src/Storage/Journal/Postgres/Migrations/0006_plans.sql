-- Plans of what may be deleted. The same as on SQLite, where it is explained (Sqlite/Migrations/0006_plans.sql).

CREATE TABLE retention_plans (
    plan_key bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    plan_id uuid NOT NULL,
    made_at bigint NOT NULL,
    made_by text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    valid_until bigint NOT NULL,
    packages bigint NOT NULL,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    freed_bytes bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    started bigint,
    skipped bigint,
    stream_version bigint NOT NULL
);
CREATE UNIQUE INDEX retention_plans_id ON retention_plans (tenant, plan_id);
CREATE UNIQUE INDEX retention_plans_newest ON retention_plans (tenant, plan_key);

CREATE TABLE retention_plan_items (
    tenant text COLLATE "C" NOT NULL,
    plan_id uuid NOT NULL,
    package_key bigint NOT NULL,
    stream_version bigint NOT NULL,
    cause text COLLATE "C" NOT NULL,
    reason text COLLATE "C",
    since bigint NOT NULL,
    files bigint NOT NULL,
    bytes bigint NOT NULL
);
CREATE UNIQUE INDEX retention_plan_items_package ON retention_plan_items (tenant, plan_id, package_key);

ALTER TABLE retention_state ADD COLUMN collection_plan text COLLATE "C";
CREATE INDEX retention_state_plannable ON retention_state (package_key)
    WHERE eligible_for_deletion = 1 AND collection_started_at IS NULL;
