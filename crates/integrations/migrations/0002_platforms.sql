-- How a unit stands with a donation platform. A unit without a row has not joined.
CREATE TABLE platform_account (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    standing TEXT NOT NULL,
    since BIGINT NOT NULL,
    org_no TEXT NOT NULL,
    org_name TEXT NOT NULL,
    -- Under which accounts its gifts and the platform's match stand, once joined, and who grants the match.
    account_id BYTES,
    match_account_id BYTES,
    match_giver TEXT NOT NULL,
    -- Whether the totals that the platform tells hold its match too.
    totals_with_match BIGINT NOT NULL CHECK (totals_with_match IN (0, 1)),
    set_at BIGINT NOT NULL,
    set_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, platform)
) CLUSTERED;

-- The steps to join that are done.
CREATE TABLE platform_step (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    step TEXT NOT NULL,
    done_on BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    noted_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, platform, step)
) CLUSTERED;

-- Certificates and filing numbers that a platform asks for, with their end. told_days: the last alert that was given.
CREATE TABLE platform_paper (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    replaced BIGINT NOT NULL CHECK (replaced IN (0, 1)),
    told_days BIGINT,
    set_at BIGINT NOT NULL,
    set_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, platform, kind, number)
) CLUSTERED;

-- The interface of a platform: its application and its key, sealed and never shown again.
CREATE TABLE platform_key (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    id BYTES NOT NULL,
    app_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    secret_sealed BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    set_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, platform)
) CLUSTERED;
CREATE UNIQUE INDEX platform_key_by_id ON platform_key (id);

-- A project's page on a platform. Several pages may raise for one project.
CREATE TABLE platform_listing (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    project_id BYTES NOT NULL,
    state TEXT NOT NULL,
    capacity_fen BIGINT,
    filing_no TEXT NOT NULL,
    url TEXT NOT NULL,
    listed_on BIGINT,
    set_at BIGINT NOT NULL,
    set_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, platform, project_no)
) CLUSTERED;
CREATE INDEX platform_listing_by_project ON platform_listing (project_id);

-- Urgent raises of a page's capacity.
CREATE TABLE platform_raise (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    from_fen BIGINT,
    to_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    asked_by BYTES NOT NULL,
    needed_by BIGINT NOT NULL,
    state TEXT NOT NULL,
    granted_fen BIGINT,
    answered_at BIGINT,
    answered_by BYTES,
    note TEXT NOT NULL
) CLUSTERED;
CREATE INDEX platform_raise_by_listing ON platform_raise (unit_id, platform, project_no, id);
CREATE INDEX platform_raise_by_state ON platform_raise (unit_id, state, id);

-- A settlement of a platform with the gift details and matches it settles.
CREATE TABLE platform_statement (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    number TEXT NOT NULL,
    -- Of what it states and of the orders behind it: another content under the same number is refused.
    content BYTES NOT NULL,
    state TEXT NOT NULL,
    gifts BIGINT NOT NULL,
    gift_fen BIGINT NOT NULL,
    matches BIGINT NOT NULL,
    match_fen BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    net_fen BIGINT NOT NULL,
    import_id BYTES,
    match_import_id BYTES,
    begun_at BIGINT NOT NULL,
    begun_by BYTES NOT NULL,
    booked_at BIGINT,
    arrived_on BIGINT,
    paid_at BIGINT,
    paid_by BYTES
) CLUSTERED;
CREATE UNIQUE INDEX platform_statement_by_number ON platform_statement (unit_id, platform, number);

CREATE TABLE platform_statement_line (
    unit_id BYTES NOT NULL,
    statement_id BYTES NOT NULL,
    project_no TEXT NOT NULL,
    project_id BYTES NOT NULL,
    gifts BIGINT NOT NULL,
    gift_fen BIGINT NOT NULL,
    matches BIGINT NOT NULL,
    match_fen BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    net_fen BIGINT NOT NULL,
    PRIMARY KEY (unit_id, statement_id, project_no)
) CLUSTERED;

-- The channel tag (渠道标识) that an order carried, and the county it stands for.
CREATE TABLE platform_order_tag (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    tag TEXT NOT NULL,
    county_id BYTES,
    PRIMARY KEY (unit_id, account_id, trade_no)
) CLUSTERED;

-- Each day's comparison of a platform's totals with ours, and what differed.
CREATE TABLE platform_comparison (
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    day BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    projects BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    trace_id TEXT NOT NULL,
    compared_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, platform, day)
) CLUSTERED;
CREATE TABLE platform_difference (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    project_id BYTES NOT NULL,
    project_no TEXT NOT NULL,
    what TEXT NOT NULL,
    ours BIGINT NOT NULL,
    theirs BIGINT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    state TEXT NOT NULL,
    closed_at BIGINT,
    closed_by BYTES,
    note TEXT NOT NULL
) CLUSTERED;
CREATE INDEX platform_difference_by_state ON platform_difference (unit_id, platform, state, id);

-- Progress and execution told to a platform. `content` is what was to be sent, in the platform's own shape.
CREATE TABLE platform_push (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    request_key TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    proc_id TEXT,
    trace_id TEXT,
    code BIGINT,
    said TEXT,
    asked_at BIGINT NOT NULL,
    asked_by BYTES NOT NULL,
    told_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX platform_push_by_key ON platform_push (unit_id, platform, request_key);
