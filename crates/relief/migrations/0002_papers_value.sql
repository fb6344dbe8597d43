-- Papers of goods, and what goods are worth.

-- The last running number of a kind of paper in a unit and year. Dispatch orders count in goods_number.
CREATE TABLE goods_series (
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit_id, kind, year)
) CLUSTERED;

-- Every numbered paper with its record: a lot and its movement, or a count.
CREATE TABLE goods_paper (
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    subject BYTES NOT NULL,
    n BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, kind, year, number)
) CLUSTERED;
CREATE UNIQUE INDEX goods_paper_once ON goods_paper (unit_id, kind, subject, n);

-- The bytes of a paper as drawn first, sealed since donors and recipients stand on them.
CREATE TABLE goods_paper_drawn (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    subject BYTES NOT NULL,
    n BIGINT NOT NULL,
    edition BIGINT NOT NULL,
    sha256 BYTES NOT NULL,
    sealed BYTES NOT NULL,
    drawn_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_paper_drawn_once ON goods_paper_drawn (unit_id, kind, subject, n, edition);

-- What a lot with a value brought into the books so far: pieces that ever came in, pieces held and their value, and up
-- to which movement that was booked.
CREATE TABLE goods_worth (
    lot_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    holding TEXT NOT NULL,
    entered BIGINT NOT NULL,
    held BIGINT NOT NULL,
    held_fen BIGINT NOT NULL CHECK (held_fen >= 0),
    booked_upto BIGINT NOT NULL
) CLUSTERED;

-- An appraisal order: an outside appraiser says on one page what a lot is worth. One at a time for a lot.
CREATE TABLE goods_appraisal (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    order_key TEXT NOT NULL,
    appraiser TEXT NOT NULL,
    state TEXT NOT NULL,
    value_fen BIGINT,
    report TEXT NOT NULL,
    ordered_by BYTES NOT NULL,
    ordered_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    answered_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_appraisal_once ON goods_appraisal (unit_id, order_key);
CREATE INDEX goods_appraisal_by_lot ON goods_appraisal (lot_id, id);
CREATE INDEX goods_appraisal_by_state ON goods_appraisal (unit_id, state, id);

-- Money that the group grants a request of list two, and its payment order.
CREATE TABLE goods_grant (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    grant_key TEXT NOT NULL,
    request_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL,
    year BIGINT,
    number BIGINT,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    decided_at BIGINT,
    paid_by BYTES,
    paid_at BIGINT,
    journal_id BYTES
) CLUSTERED;
CREATE UNIQUE INDEX goods_grant_once ON goods_grant (unit_id, grant_key);
CREATE UNIQUE INDEX goods_grant_number ON goods_grant (unit_id, year, number);
CREATE INDEX goods_grant_by_request ON goods_grant (request_id, id);

CREATE TABLE goods_grant_decision (
    grant_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    decision TEXT NOT NULL,
    words TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (grant_id, actor_id)
) CLUSTERED;

-- A request that comes again every so many days.
CREATE TABLE goods_request_repeat (
    request_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    every_days BIGINT NOT NULL,
    next_on BIGINT NOT NULL,
    until_on BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX goods_request_repeat_by_day ON goods_request_repeat (next_on, request_id);
