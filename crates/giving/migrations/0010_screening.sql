-- Which gifts of a day came from one source. A source is a blind index (HMAC) of the payer's number or telephone, the
-- project for sums below the small limit, or project and sum for odd sums; never a name or a number. The day leads, so
-- that the index grows at its edge.
CREATE TABLE screening_trace (
    unit_id BYTES NOT NULL,
    business_day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL,
    paid_at BIGINT NOT NULL,
    payer BYTES,
    PRIMARY KEY (unit_id, business_day, kind, source, gift_id)
) CLUSTERED;

-- Sources that were marked on a day: the intake lets their further matches wait.
CREATE TABLE screening_source (
    unit_id BYTES NOT NULL,
    business_day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source BYTES NOT NULL,
    PRIMARY KEY (unit_id, business_day, kind, source)
) CLUSTERED;
CREATE INDEX screening_source_by_day ON screening_source (business_day);

-- A gift that a signal marked: it stands in the books, and waits for boards, walls and matches until a person decides.
-- The evidence holds counts and sums, no personal data. unit_id is the project's unit.
CREATE TABLE screening_hold (
    gift_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL,
    signal TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BYTES,
    reason TEXT
) CLUSTERED;
CREATE INDEX screening_hold_by_state ON screening_hold (state, gift_id);
