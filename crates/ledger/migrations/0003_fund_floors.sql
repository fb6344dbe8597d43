-- What a fund must keep: no booking takes it below. unit_id is the unit whose books hold the fund's money.
CREATE TABLE book_fund_floor (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    floor_fen BIGINT NOT NULL CHECK (floor_fen >= 0),
    set_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, fund_id)
) CLUSTERED;
