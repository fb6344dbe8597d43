-- A gift: once written its amount, day and number never change. Keys are ordered: ids by time, trade numbers by
-- channel and date (architecture.md, "The hot path"); no foreign keys here, the intake checks against its directory.
CREATE TABLE gift (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    project_id BYTES NOT NULL,
    channel TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    paid_at BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    source TEXT NOT NULL,
    anonymous BIGINT NOT NULL,
    payer_masked TEXT,
    phone_month BIGINT,
    phone_index BYTES,
    -- The gift's wrapped secret; NULL after erasure.
    secret_wrapped BYTES,
    payer_sealed BYTES
) CLUSTERED;
CREATE UNIQUE INDEX gift_by_trade_no ON gift (unit_id, account_id, trade_no);
CREATE INDEX gift_by_project ON gift (project_id, id);
CREATE INDEX gift_by_phone ON gift (phone_month, phone_index) WHERE phone_index IS NOT NULL;

-- Running totals, written in the transaction of their gifts; unit_id is the project's unit.
CREATE TABLE gift_total (
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    channel TEXT NOT NULL,
    business_day BIGINT NOT NULL,
    gifts BIGINT NOT NULL,
    sum_fen BIGINT NOT NULL,
    refunds BIGINT NOT NULL,
    refund_fen BIGINT NOT NULL,
    PRIMARY KEY (unit_id, project_id, channel, business_day)
) CLUSTERED;

-- What a repeat of a recorded gift said differently; the first record stands.
CREATE TABLE gift_difference (
    unit_id BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    field TEXT NOT NULL,
    said TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, gift_id, field, said)
) CLUSTERED;

-- A notice or line whose number is known with another amount: held until a person decides.
CREATE TABLE gift_review (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    project_id BYTES NOT NULL,
    channel TEXT NOT NULL,
    paid_at BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    source TEXT NOT NULL,
    anonymous BIGINT NOT NULL,
    payer_masked TEXT,
    secret_wrapped BYTES,
    payer_sealed BYTES,
    known_gift_id BYTES NOT NULL,
    state TEXT NOT NULL,
    held_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BYTES,
    accepted_gift_id BYTES
) CLUSTERED;
CREATE UNIQUE INDEX gift_review_by_number ON gift_review (unit_id, account_id, trade_no, amount_fen);
CREATE INDEX gift_review_by_state ON gift_review (unit_id, state, id);

-- An order: the wish to give, before it is paid. A late payment of an expired order is still a gift.
CREATE TABLE gift_order (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    project_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL,
    anonymous BIGINT NOT NULL,
    secret_wrapped BYTES NOT NULL,
    payer_sealed BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX gift_order_by_trade_no ON gift_order (unit_id, account_id, trade_no);

-- One run of an import, and what it brought; a taken-back run keeps its rows.
CREATE TABLE gift_import (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    profile TEXT NOT NULL,
    file_sha256 BYTES NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    actor_id BYTES NOT NULL
) CLUSTERED;
CREATE TABLE gift_import_line (
    import_id BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    PRIMARY KEY (import_id, gift_id)
) CLUSTERED;

-- Money given back. Requested by one, approved by another; the gift stays.
CREATE TABLE gift_refund (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by BYTES NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT,
    business_day BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX gift_refund_by_gift ON gift_refund (unit_id, gift_id);
CREATE INDEX gift_refund_by_state ON gift_refund (unit_id, state, id);
