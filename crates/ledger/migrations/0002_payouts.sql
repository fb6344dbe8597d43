-- Money held for others that is to be passed on: asked for by one person, approved by another, booked on approval.
CREATE TABLE book_payout (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    request_key TEXT NOT NULL,
    fund_id BYTES NOT NULL,
    channel TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    business_day BIGINT NOT NULL,
    memo_code TEXT,
    state TEXT NOT NULL,
    requested_by BYTES NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT,
    journal_id BYTES
) CLUSTERED;
CREATE UNIQUE INDEX book_payout_by_key ON book_payout (unit_id, request_key);
CREATE INDEX book_payout_by_state ON book_payout (unit_id, state, id);
