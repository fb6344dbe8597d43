-- The tree of units, their certificates for public fundraising, and the accounts into which gifts come.
CREATE TABLE unit (
    id BYTES NOT NULL PRIMARY KEY,
    parent_id BYTES REFERENCES unit (id),
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    keeps_books BIGINT NOT NULL CHECK (keeps_books IN (0, 1)),
    brand_color TEXT NOT NULL,
    contact TEXT NOT NULL,
    seal_file_id BYTES,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
) CLUSTERED;
CREATE INDEX unit_by_parent ON unit (parent_id);

-- A renewal is another row: a campaign may run from one certificate into the next.
CREATE TABLE unit_certificate (
    unit_id BYTES NOT NULL REFERENCES unit (id),
    number TEXT NOT NULL,
    issuer TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    status TEXT NOT NULL,
    status_since BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, number)
) CLUSTERED;

-- The code is unique in the installation: a payment notice names it before any unit is known.
CREATE TABLE receiving_account (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL REFERENCES unit (id),
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    masked_number TEXT NOT NULL,
    sealed_secret BYTES NOT NULL,
    secret_since BIGINT NOT NULL,
    opened_on BIGINT NOT NULL,
    closed_at BIGINT
) CLUSTERED;
CREATE INDEX receiving_account_by_unit ON receiving_account (unit_id, channel, code);
