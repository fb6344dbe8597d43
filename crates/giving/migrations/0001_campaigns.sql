-- Campaigns with their filed plans, projects mother and sub, and the funds of the books that hold them.
CREATE TABLE campaign (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    title TEXT NOT NULL,
    page_title TEXT NOT NULL,
    page_summary TEXT NOT NULL,
    online BIGINT NOT NULL CHECK (online IN (0, 1)),
    starts_on BIGINT NOT NULL,
    ends_on BIGINT NOT NULL,
    target_fen BIGINT NOT NULL,
    plan_version BIGINT NOT NULL,
    state TEXT NOT NULL,
    filing_no TEXT UNIQUE,
    filed_on BIGINT,
    filing_authority TEXT,
    emergency_event TEXT,
    opened_at BIGINT,
    full_at BIGINT,
    ended_at BIGINT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX campaign_by_unit ON campaign (unit_id, starts_on, id);

-- What was filed, word for word, and every correction with its reason; a version is never changed after filing.
CREATE TABLE campaign_plan (
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    version BIGINT NOT NULL,
    plan TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_on BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    late BIGINT NOT NULL CHECK (late IN (0, 1)),
    PRIMARY KEY (campaign_id, version)
) CLUSTERED;

CREATE TABLE campaign_target (
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    number BIGINT NOT NULL,
    target_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, number)
) CLUSTERED;

CREATE TABLE campaign_platform_link (
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    platform_code TEXT NOT NULL,
    url TEXT NOT NULL,
    listed_on BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, platform_code)
) CLUSTERED;

CREATE TABLE theme (
    id BYTES NOT NULL PRIMARY KEY,
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (campaign_id, place)
) CLUSTERED;

CREATE TABLE fund (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL,
    restriction TEXT NOT NULL,
    project_id BYTES,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX fund_by_unit ON fund (unit_id, id);
-- One general fund a unit.
CREATE UNIQUE INDEX fund_general ON fund (unit_id) WHERE project_id IS NULL;

-- The code is unique in the installation: addresses (/p/{code}) and notices name it before any unit is known.
CREATE TABLE project (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    campaign_id BYTES REFERENCES campaign (id),
    theme_id BYTES REFERENCES theme (id),
    mother_id BYTES REFERENCES project (id),
    fund_id BYTES NOT NULL REFERENCES fund (id),
    general BIGINT NOT NULL CHECK (general IN (0, 1)),
    code TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    region_code TEXT NOT NULL,
    restriction TEXT NOT NULL,
    target_fen BIGINT,
    stop_when_full BIGINT NOT NULL CHECK (stop_when_full IN (0, 1)),
    state TEXT NOT NULL,
    opened_at BIGINT,
    full_at BIGINT,
    ended_at BIGINT,
    settled_at BIGINT,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX project_by_campaign ON project (campaign_id, id);
CREATE INDEX project_by_unit ON project (unit_id, id);
CREATE INDEX project_by_mother ON project (mother_id, id);
-- One general project a unit.
CREATE UNIQUE INDEX project_general ON project (unit_id) WHERE general = 1;

CREATE TABLE project_target (
    project_id BYTES NOT NULL REFERENCES project (id),
    number BIGINT NOT NULL,
    target_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, number)
) CLUSTERED;

-- What the money buys: amounts offered on the page, with their words.
CREATE TABLE project_choice (
    project_id BYTES NOT NULL REFERENCES project (id),
    place BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (project_id, place)
) CLUSTERED;
