-- Money held for others that stands behind a promise (a matching pool): no payout takes it. unit_id is the unit whose books
-- hold the money, holder the id of what it stands behind. No row: nothing is held back.
CREATE TABLE book_agency_hold (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    holder BYTES NOT NULL,
    held_fen BIGINT NOT NULL CHECK (held_fen > 0),
    set_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, fund_id, holder)
) CLUSTERED;
