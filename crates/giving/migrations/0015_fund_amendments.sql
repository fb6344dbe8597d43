-- Who founds a named fund, on which depends what it must begin with; those that are there were not asked.
ALTER TABLE named_fund ADD COLUMN founder TEXT NOT NULL DEFAULT 'unit';

-- The versions of an agreement. named_fund holds what is agreed now; a fund that was never amended has no rows here. What a
-- version says (agreement, as JSON) never changes.
CREATE TABLE named_fund_version (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    agreement TEXT NOT NULL,
    rest_project_id BYTES NOT NULL,
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT,
    from_day BIGINT,
    PRIMARY KEY (unit_id, fund_id, version)
) CLUSTERED;
-- One amendment waits at a time.
CREATE UNIQUE INDEX named_fund_version_proposed ON named_fund_version (unit_id, fund_id) WHERE state = 'proposed';
