-- How orders are paid: one row for each account through which a payment was begun. The same order, tried again in the
-- same way, stays one row. The gift itself is the proof of payment; the state here says what the provider last said.
CREATE TABLE payment_attempt (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    order_id BYTES NOT NULL,
    provider TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    provider_no TEXT,
    begun_at BIGINT NOT NULL,
    -- When the provider was last asked or told us.
    checked_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, account_id, trade_no)
) CLUSTERED;
CREATE INDEX payment_attempt_by_order ON payment_attempt (order_id);
CREATE INDEX payment_attempt_by_state ON payment_attempt (unit_id, account_id, state, checked_at);

-- Refunds sent to a provider; the decision and its journal stand in gift_refund.
CREATE TABLE payment_refund (
    unit_id BYTES NOT NULL,
    refund_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    refund_no TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL,
    provider_no TEXT,
    code TEXT,
    sent_at BIGINT NOT NULL,
    checked_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, refund_id)
) CLUSTERED;
CREATE UNIQUE INDEX payment_refund_by_number ON payment_refund (unit_id, account_id, refund_no);

-- What the comparison of a day's bill with our gifts found; a day compared again is overwritten by the later look.
CREATE TABLE payment_reconciliation (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    day BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    agreed BIGINT NOT NULL,
    found BIGINT NOT NULL,
    held BIGINT NOT NULL,
    -- Trade numbers as JSON: gifts of ours that the bill does not have, refunds of the bill that we do not have.
    missing TEXT NOT NULL,
    refunds_unknown TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, account_id, day)
) CLUSTERED;

-- A payment whose amount is not its order's is held; this is what the order named. NULL for everything else held.
ALTER TABLE gift_review ADD COLUMN order_fen BIGINT;
