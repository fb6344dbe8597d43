-- How a unit is connected to a payment provider. Keys are sealed and never shown again.
CREATE TABLE payment_gateway (
    unit_id BYTES NOT NULL,
    provider TEXT NOT NULL,
    account_id BYTES NOT NULL,
    merchant_no TEXT NOT NULL,
    app_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    -- Serial number of our own certificate with the provider, where it asks for one.
    key_serial TEXT NOT NULL,
    secrets_sealed BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    set_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, provider)
) CLUSTERED;
CREATE UNIQUE INDEX payment_gateway_by_account ON payment_gateway (unit_id, account_id);

-- The provider's own keys, with which it signs: certificates (with their validity) and public keys (without).
CREATE TABLE payment_platform_key (
    unit_id BYTES NOT NULL,
    provider TEXT NOT NULL,
    serial TEXT NOT NULL,
    public_key BYTES NOT NULL,
    valid_from BIGINT,
    valid_to BIGINT,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, provider, serial)
) CLUSTERED;

-- Every notice, by the provider's own number of it; what was refused is counted by day and reason, so that nobody can
-- fill this table from outside. Rows go after some months.
CREATE TABLE payment_notice (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    trade_no TEXT,
    outcome TEXT NOT NULL,
    times BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, account_id, event)
) CLUSTERED;
CREATE INDEX payment_notice_by_time ON payment_notice (last_at);
