CREATE TABLE actor (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    personal_sealed BLOB,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE api_token (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER,
    revoked_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_of_actor ON api_token (actor_id);
CREATE TABLE blocked_word (
    unit_id BLOB NOT NULL,
    word TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    added_by BLOB NOT NULL,
    ended_at INTEGER,
    ended_by BLOB,
    PRIMARY KEY (unit_id, word, added_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX blocked_word_running ON blocked_word (unit_id, word) WHERE ended_at IS NULL;
CREATE TABLE book_account (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL,
    fund_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    campaign_id BLOB,
    restriction TEXT NOT NULL CHECK (restriction IN ('restricted', 'unrestricted', 'none')),
    UNIQUE (unit_id, code, fund_id, project_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE book_balance (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    debit_fen INTEGER NOT NULL,
    credit_fen INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (unit_id, account_id, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE book_payout (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    request_key TEXT NOT NULL,
    fund_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    business_day INTEGER NOT NULL,
    memo_code TEXT,
    state TEXT NOT NULL,
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    journal_id BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX book_payout_by_key ON book_payout (unit_id, request_key);
CREATE INDEX book_payout_by_state ON book_payout (unit_id, state, id);
CREATE TABLE calendar_day (
    day INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    note TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE campaign (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    title TEXT NOT NULL,
    page_title TEXT NOT NULL,
    page_summary TEXT NOT NULL,
    online INTEGER NOT NULL CHECK (online IN (0, 1)),
    starts_on INTEGER NOT NULL,
    ends_on INTEGER NOT NULL,
    target_fen INTEGER NOT NULL,
    plan_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    filing_no TEXT UNIQUE,
    filed_on INTEGER,
    filing_authority TEXT,
    emergency_event TEXT,
    opened_at INTEGER,
    full_at INTEGER,
    ended_at INTEGER,
    settled_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_by_unit ON campaign (unit_id, starts_on, id);
CREATE TABLE campaign_plan (
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    version INTEGER NOT NULL,
    plan TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_on INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    late INTEGER NOT NULL CHECK (late IN (0, 1)),
    PRIMARY KEY (campaign_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_platform_link (
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    platform_code TEXT NOT NULL,
    url TEXT NOT NULL,
    listed_on INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, platform_code)
) STRICT, WITHOUT ROWID;
CREATE TABLE campaign_target (
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    number INTEGER NOT NULL,
    target_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate (
    unit_id BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    frame_id BLOB NOT NULL,
    template_version INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (gift_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX certificate_by_number ON certificate (unit_id, year, number);
CREATE TABLE certificate_frame (
    id BLOB NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate_paper (
    gift_id BLOB NOT NULL,
    format TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    sealed BLOB NOT NULL,
    drawn_at INTEGER NOT NULL,
    PRIMARY KEY (gift_id, format)
) STRICT;
CREATE TABLE certificate_series (
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate_standing (
    gift_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    standing TEXT NOT NULL,
    refunded_fen INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE consent_text (
    unit_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    words_zh TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, version)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER consent_text_no_delete BEFORE DELETE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent texts are never deleted'); END;
CREATE TRIGGER consent_text_no_update BEFORE UPDATE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent texts are never changed'); END;
CREATE TABLE donor_code (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    tries INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_code_by_contact ON donor_code (contact_index, asked_at);
CREATE TABLE donor_message (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    words_sealed BLOB NOT NULL,
    state TEXT NOT NULL,
    held_for TEXT,
    written_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX donor_message_by_order ON donor_message (unit_id, order_id);
CREATE INDEX donor_message_by_project ON donor_message (project_id, state, id);
CREATE INDEX donor_message_by_state ON donor_message (unit_id, state, id);
CREATE INDEX donor_message_of_order ON donor_message (order_id);
CREATE TABLE donor_session (
    hash BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE fact (
    place INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    actor_id BLOB,
    happened_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never changed'); END;
CREATE TABLE file (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    length INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (unit_id, sha256, media_type, sealed)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_hash ON file (sha256);
CREATE TABLE fund (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL,
    restriction TEXT NOT NULL,
    project_id BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fund_by_unit ON fund (unit_id, id);
CREATE UNIQUE INDEX fund_general ON fund (unit_id) WHERE project_id IS NULL;
CREATE TABLE gift (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    project_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    paid_at INTEGER NOT NULL,
    business_day INTEGER NOT NULL,
    source TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    payer_masked TEXT,
    phone_month INTEGER,
    phone_index BLOB,
    secret_wrapped BLOB,
    payer_sealed BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX gift_by_phone ON gift (phone_month, phone_index) WHERE phone_index IS NOT NULL;
CREATE INDEX gift_by_project ON gift (project_id, id);
CREATE UNIQUE INDEX gift_by_trade_no ON gift (unit_id, account_id, trade_no);
CREATE TABLE gift_difference (
    unit_id BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    field TEXT NOT NULL,
    said TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, gift_id, field, said)
) STRICT, WITHOUT ROWID;
CREATE TABLE gift_import (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    profile TEXT NOT NULL,
    file_sha256 BLOB NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    actor_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gift_import_line (
    import_id BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    PRIMARY KEY (import_id, gift_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE gift_order (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    project_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL,
    anonymous INTEGER NOT NULL,
    secret_wrapped BLOB NOT NULL,
    payer_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
, receipt TEXT) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX gift_order_by_trade_no ON gift_order (unit_id, account_id, trade_no);
CREATE TABLE gift_receipt (
    unit_id BLOB NOT NULL,
    id BLOB NOT NULL,
    wish TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE gift_refund (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    requested_by BLOB NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    business_day INTEGER NOT NULL
, request_key TEXT, journal_id BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX gift_refund_by_gift ON gift_refund (unit_id, gift_id);
CREATE UNIQUE INDEX gift_refund_by_key ON gift_refund (unit_id, request_key);
CREATE INDEX gift_refund_by_state ON gift_refund (unit_id, state, id);
CREATE TABLE gift_review (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    project_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    paid_at INTEGER NOT NULL,
    business_day INTEGER NOT NULL,
    source TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    payer_masked TEXT,
    secret_wrapped BLOB,
    payer_sealed BLOB,
    known_gift_id BLOB NOT NULL,
    state TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by BLOB,
    accepted_gift_id BLOB
, accepted_trade_no TEXT, dismissal TEXT, order_fen INTEGER) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX gift_review_by_number ON gift_review (unit_id, account_id, trade_no, amount_fen);
CREATE INDEX gift_review_by_state ON gift_review (unit_id, state, id);
CREATE TABLE gift_total (
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    business_day INTEGER NOT NULL,
    gifts INTEGER NOT NULL,
    sum_fen INTEGER NOT NULL,
    refunds INTEGER NOT NULL,
    refund_fen INTEGER NOT NULL,
    PRIMARY KEY (unit_id, project_id, channel, business_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE idempotency_key (
    actor_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    started_at INTEGER NOT NULL,
    status INTEGER,
    media_type TEXT,
    answer_sealed BLOB,
    PRIMARY KEY (actor_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_key_age ON idempotency_key (started_at);
CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    once_key TEXT UNIQUE,
    input TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_after INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    message TEXT,
    outcome TEXT,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    seen_at INTEGER,
    finished_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX job_open ON job (run_after) WHERE state IN ('waiting', 'running');
CREATE TABLE journal (
    unit_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    memo_code TEXT,
    created_at INTEGER NOT NULL,
    actor_id BLOB,
    reverses BLOB,
    request_key TEXT,
    request TEXT,
    PRIMARY KEY (unit_id, id),
    UNIQUE (unit_id, reverses),
    UNIQUE (unit_id, request_key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never deleted'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never changed'); END;
CREATE TABLE match_counter (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    counts TEXT NOT NULL,
    subject BLOB NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (unit_id, pool_id, counts, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE match_decision (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    act TEXT NOT NULL,
    gift_id BLOB,
    project_id BLOB NOT NULL,
    offered_fen INTEGER NOT NULL,
    given_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    cap TEXT,
    before_fen INTEGER NOT NULL,
    after_fen INTEGER NOT NULL,
    match_gift_id BLOB,
    person BLOB,
    payer_kind TEXT NOT NULL,
    refunded_fen INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    actor_id BLOB,
    PRIMARY KEY (unit_id, pool_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_decision_by_gift ON match_decision (gift_id) WHERE gift_id IS NOT NULL;
CREATE TABLE match_pool (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sponsor_id BLOB NOT NULL REFERENCES match_sponsor (id),
    account_id BLOB NOT NULL,
    campaign_id BLOB,
    priority INTEGER NOT NULL,
    backing_gift_id BLOB,
    backing_file_id BLOB,
    signed_on INTEGER,
    locked_fen INTEGER NOT NULL CHECK (locked_fen > 0),
    rule_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    commitment BLOB,
    seed_sealed BLOB NOT NULL,
    seed BLOB,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    opened_at INTEGER,
    closed_at INTEGER,
    closing_number INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX match_pool_by_backing ON match_pool (backing_gift_id) WHERE backing_gift_id IS NOT NULL;
CREATE INDEX match_pool_by_state ON match_pool (state, unit_id);
CREATE TABLE match_rule (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    written_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, pool_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE match_sponsor (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX match_sponsor_by_name ON match_sponsor (unit_id, name);
CREATE TABLE match_tally (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    locked_fen INTEGER NOT NULL,
    given_fen INTEGER NOT NULL CHECK (given_fen >= 0),
    returned_fen INTEGER NOT NULL CHECK (returned_fen >= 0),
    decisions INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    shrunk INTEGER NOT NULL,
    PRIMARY KEY (unit_id, pool_id),
    CHECK (given_fen + returned_fen <= locked_fen)
) STRICT, WITHOUT ROWID;
CREATE TABLE order_form (
    order_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    form_key BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    provider TEXT NOT NULL,
    consent_unit_id BLOB NOT NULL,
    consent_version INTEGER NOT NULL,
    consent_hash BLOB NOT NULL,
    email_index BLOB,
    receipt_sealed BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX order_form_by_email ON order_form (email_index) WHERE email_index IS NOT NULL;
CREATE UNIQUE INDEX order_form_by_key ON order_form (unit_id, form_key);
CREATE TABLE parameter_override (
    key TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER,
    value TEXT NOT NULL,
    legal_ref TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    PRIMARY KEY (key, from_day, set_at)
) STRICT, WITHOUT ROWID;
CREATE TABLE payment_attempt (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    order_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    provider_no TEXT,
    begun_at INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, account_id, trade_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_attempt_by_order ON payment_attempt (order_id);
CREATE INDEX payment_attempt_by_state ON payment_attempt (unit_id, account_id, state, checked_at);
CREATE TABLE payment_gateway (
    unit_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    account_id BLOB NOT NULL,
    merchant_no TEXT NOT NULL,
    app_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    key_serial TEXT NOT NULL,
    secrets_sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, provider)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payment_gateway_by_account ON payment_gateway (unit_id, account_id);
CREATE TABLE payment_notice (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    event TEXT NOT NULL,
    kind TEXT NOT NULL,
    trade_no TEXT,
    outcome TEXT NOT NULL,
    times INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, account_id, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_notice_by_time ON payment_notice (last_at);
CREATE TABLE payment_platform_key (
    unit_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    serial TEXT NOT NULL,
    public_key BLOB NOT NULL,
    valid_from INTEGER,
    valid_to INTEGER,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, provider, serial)
) STRICT, WITHOUT ROWID;
CREATE TABLE payment_reconciliation (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    agreed INTEGER NOT NULL,
    found INTEGER NOT NULL,
    held INTEGER NOT NULL,
    missing TEXT NOT NULL,
    refunds_unknown TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, account_id, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE payment_refund (
    unit_id BLOB NOT NULL,
    refund_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    refund_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    state TEXT NOT NULL,
    provider_no TEXT,
    code TEXT,
    sent_at INTEGER NOT NULL,
    checked_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, refund_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX payment_refund_by_number ON payment_refund (unit_id, account_id, refund_no);
CREATE TABLE posting (
    journal_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    account_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen <> 0),
    kind TEXT NOT NULL,
    posting_day INTEGER NOT NULL,
    business_day INTEGER NOT NULL,
    PRIMARY KEY (journal_id, line)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TABLE project (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    campaign_id BLOB REFERENCES campaign (id),
    theme_id BLOB REFERENCES theme (id),
    mother_id BLOB REFERENCES project (id),
    fund_id BLOB NOT NULL REFERENCES fund (id),
    general INTEGER NOT NULL CHECK (general IN (0, 1)),
    code TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    region_code TEXT NOT NULL,
    restriction TEXT NOT NULL,
    target_fen INTEGER,
    stop_when_full INTEGER NOT NULL CHECK (stop_when_full IN (0, 1)),
    state TEXT NOT NULL,
    opened_at INTEGER,
    full_at INTEGER,
    ended_at INTEGER,
    settled_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX project_by_campaign ON project (campaign_id, id);
CREATE INDEX project_by_mother ON project (mother_id, id);
CREATE INDEX project_by_unit ON project (unit_id, id);
CREATE UNIQUE INDEX project_general ON project (unit_id) WHERE general = 1;
CREATE TABLE project_choice (
    project_id BLOB NOT NULL REFERENCES project (id),
    place INTEGER NOT NULL,
    amount_fen INTEGER NOT NULL,
    words TEXT NOT NULL, words_en TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE project_target (
    project_id BLOB NOT NULL REFERENCES project (id),
    number INTEGER NOT NULL,
    target_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE reaction_cursor (
    name TEXT NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,
    moved_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    last_error TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE receiving_account (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL REFERENCES unit (id),
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    masked_number TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    secret_since INTEGER NOT NULL,
    opened_on INTEGER NOT NULL,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX receiving_account_by_unit ON receiving_account (unit_id, channel, code);
CREATE TABLE refund_wish (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    wished_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refund_wish_by_state ON refund_wish (unit_id, state, id);
CREATE UNIQUE INDEX refund_wish_open ON refund_wish (unit_id, gift_id) WHERE state = 'waiting';
CREATE TABLE role_binding (
    actor_id BLOB NOT NULL REFERENCES actor (id),
    unit_id BLOB NOT NULL,
    role TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by BLOB NOT NULL,
    ended_at INTEGER,
    ended_by BLOB,
    PRIMARY KEY (actor_id, unit_id, role, granted_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX role_binding_running ON role_binding (actor_id, unit_id, role) WHERE ended_at IS NULL;
CREATE TABLE schema_migration (
    name TEXT NOT NULL PRIMARY KEY, sql_length BIGINT NOT NULL, sql_sum BIGINT NOT NULL, applied_at BIGINT NOT NULL);
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE theme (
    id BLOB NOT NULL PRIMARY KEY,
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (campaign_id, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE unit (
    id BLOB NOT NULL PRIMARY KEY,
    parent_id BLOB REFERENCES unit (id),
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    keeps_books INTEGER NOT NULL CHECK (keeps_books IN (0, 1)),
    brand_color TEXT NOT NULL,
    contact TEXT NOT NULL,
    seal_file_id BLOB,
    created_at INTEGER NOT NULL,
    closed_at INTEGER
, phone TEXT, address TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX unit_by_parent ON unit (parent_id);
CREATE TABLE unit_certificate (
    unit_id BLOB NOT NULL REFERENCES unit (id),
    number TEXT NOT NULL,
    issuer TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL,
    status TEXT NOT NULL,
    status_since INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, number)
) STRICT, WITHOUT ROWID;
