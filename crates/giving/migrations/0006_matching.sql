-- Sponsors, pools, their rules and every decision about a match (architecture.md, "The hot path").
CREATE TABLE match_sponsor (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL,
    added_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX match_sponsor_by_name ON match_sponsor (unit_id, name);

CREATE TABLE match_pool (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sponsor_id BYTES NOT NULL REFERENCES match_sponsor (id),
    account_id BYTES NOT NULL,
    campaign_id BYTES,
    priority BIGINT NOT NULL,
    -- What stands behind the money: a received gift held to be passed on, or the file of a signed agreement.
    backing_gift_id BYTES,
    backing_file_id BYTES,
    signed_on BIGINT,
    locked_fen BIGINT NOT NULL CHECK (locked_fen > 0),
    rule_version BIGINT NOT NULL,
    state TEXT NOT NULL,
    commitment BYTES,
    -- Sealed until the pool is closed, then in clear.
    seed_sealed BYTES NOT NULL,
    seed BYTES,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    opened_at BIGINT,
    closed_at BIGINT,
    closing_number BIGINT
) CLUSTERED;
CREATE INDEX match_pool_by_state ON match_pool (state, unit_id);
CREATE INDEX match_pool_by_backing ON match_pool (backing_gift_id) WHERE backing_gift_id IS NOT NULL;

-- Every version of a pool's rule; the last one is frozen when the pool opens.
CREATE TABLE match_rule (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    rule TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    written_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, pool_id, version)
) CLUSTERED;

-- The moving sums of a pool: the row that deciding locks. The check is the last word against overdrawing.
CREATE TABLE match_tally (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    locked_fen BIGINT NOT NULL,
    given_fen BIGINT NOT NULL CHECK (given_fen >= 0),
    returned_fen BIGINT NOT NULL CHECK (returned_fen >= 0),
    decisions BIGINT NOT NULL,
    matches BIGINT NOT NULL,
    shrunk BIGINT NOT NULL,
    PRIMARY KEY (unit_id, pool_id),
    CHECK (given_fen + returned_fen <= locked_fen)
) CLUSTERED;

-- What was given under each cap, and what a person was given back.
CREATE TABLE match_counter (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    counts TEXT NOT NULL,
    subject BYTES NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (unit_id, pool_id, counts, subject)
) CLUSTERED;

-- Every decision, in the order in which it was taken under the pool's lock. Never changed.
CREATE TABLE match_decision (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    act TEXT NOT NULL,
    gift_id BYTES,
    project_id BYTES NOT NULL,
    offered_fen BIGINT NOT NULL,
    given_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    cap TEXT,
    before_fen BIGINT NOT NULL,
    after_fen BIGINT NOT NULL,
    match_gift_id BYTES,
    person BYTES,
    payer_kind TEXT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    actor_id BYTES,
    PRIMARY KEY (unit_id, pool_id, number)
) CLUSTERED;
CREATE INDEX match_decision_by_gift ON match_decision (gift_id) WHERE gift_id IS NOT NULL;
