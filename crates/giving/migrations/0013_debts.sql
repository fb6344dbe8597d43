-- What sponsors paid of what they owe for the matches of their pools (account 1122), and which fund got how much of it.
CREATE TABLE match_settlement (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    request_key TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    paid_on BIGINT NOT NULL,
    memo_code TEXT,
    booked_by BYTES NOT NULL,
    booked_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, pool_id, number)
) CLUSTERED;
CREATE UNIQUE INDEX match_settlement_by_key ON match_settlement (unit_id, request_key);

CREATE TABLE match_settled_share (
    unit_id BYTES NOT NULL,
    pool_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    fund_id BYTES NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen <> 0),
    -- The journal in the books: once it is reversed there, the share is owed again.
    journal_id BYTES NOT NULL,
    PRIMARY KEY (unit_id, pool_id, number, fund_id, restriction)
) CLUSTERED;
