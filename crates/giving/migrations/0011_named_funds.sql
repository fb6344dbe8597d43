-- Named and community funds: an agreement about a fund of the books that a project feeds. The money stays in the host's
-- own accounts; a fund is a dimension of its books, never a body of its own.
CREATE TABLE named_fund (
    fund_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    purpose_en TEXT NOT NULL,
    spending TEXT NOT NULL,
    spending_en TEXT NOT NULL,
    agreement_no TEXT NOT NULL,
    signed_on BIGINT NOT NULL,
    fee_bp BIGINT NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    principal_fen BIGINT NOT NULL CHECK (principal_fen >= 0),
    minimum_fen BIGINT NOT NULL CHECK (minimum_fen >= 0),
    minimum_rule TEXT NOT NULL,
    report_month BIGINT NOT NULL,
    report_day BIGINT NOT NULL,
    dormant_months BIGINT NOT NULL CHECK (dormant_months > 0),
    rest_project_id BYTES NOT NULL,
    rest_words TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    opened_by BYTES,
    opened_at BIGINT,
    closing_by BYTES,
    closing_at BIGINT,
    closing_reason TEXT,
    closed_by BYTES,
    closed_at BIGINT,
    rest_fen BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX named_fund_by_project ON named_fund (unit_id, project_id);
CREATE INDEX named_fund_by_unit ON named_fund (unit_id, fund_id);
CREATE INDEX named_fund_by_state ON named_fund (state, fund_id);

-- The fee of each month by the agreement: computed over all gifts since the signing, so that what is given back later
-- lowers a later month's fee. One row a month, with its journal where anything was due.
CREATE TABLE named_fund_fee (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    month BIGINT NOT NULL,
    base_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    journal_id BYTES,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, fund_id, month)
) CLUSTERED;

-- What somebody must look at, from the day it was seen to the day it was over.
CREATE TABLE named_fund_alert (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    opened_on BIGINT NOT NULL,
    closed_on BIGINT,
    PRIMARY KEY (unit_id, fund_id, kind, opened_on)
) CLUSTERED;
CREATE UNIQUE INDEX named_fund_alert_open ON named_fund_alert (unit_id, fund_id, kind) WHERE closed_on IS NULL;

-- The yearly report that the agreement asks for.
CREATE TABLE named_fund_report (
    unit_id BYTES NOT NULL,
    fund_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    words TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, fund_id, year)
) CLUSTERED;
