CREATE TABLE account_change (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    what TEXT NOT NULL,
    provider_id BLOB NOT NULL REFERENCES sso_provider (id),
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    seen_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX account_change_of_actor ON account_change (actor_id, changed_at);
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
CREATE TABLE approval_case (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    policy_unit_id BLOB NOT NULL,
    policy_version INTEGER NOT NULL,
    title TEXT NOT NULL,
    details TEXT NOT NULL,
    is_fast INTEGER NOT NULL CHECK (is_fast IN (0, 1)),
    state TEXT NOT NULL,
    round INTEGER NOT NULL,
    asked_by BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    papers_due_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approval_case_going ON approval_case (unit_id, subject_kind, subject_id)
    WHERE state IN ('open', 'sent_back');
CREATE INDEX approval_case_of_subject ON approval_case (unit_id, subject_kind, subject_id);
CREATE INDEX approval_case_of_unit ON approval_case (unit_id, id);
CREATE TABLE approval_entry (
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    number INTEGER NOT NULL,
    happened_at INTEGER NOT NULL,
    actor_id BLOB,
    kind TEXT NOT NULL,
    stage TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE approval_file (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    file_id BLOB NOT NULL,
    media_type TEXT NOT NULL,
    length INTEGER NOT NULL,
    secret_wrapped BLOB NOT NULL,
    handed_in_by BLOB NOT NULL,
    handed_in_at INTEGER NOT NULL
, is_kept INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX approval_file_by_day ON approval_file (unit_id, handed_in_at);
CREATE UNIQUE INDEX approval_file_by_hash ON approval_file (unit_id, sha256);
CREATE INDEX approval_file_by_kept ON approval_file (is_kept, handed_in_at);
CREATE TABLE approval_message (
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    number INTEGER NOT NULL,
    written_at INTEGER NOT NULL,
    written_by BLOB NOT NULL,
    message_key TEXT NOT NULL,
    words TEXT NOT NULL,
    sha256 BLOB,
    file_name TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_message_by_file ON approval_message (sha256);
CREATE UNIQUE INDEX approval_message_by_key ON approval_message (case_id, written_by, message_key);
CREATE TRIGGER approval_message_no_delete BEFORE DELETE ON approval_message BEGIN SELECT RAISE(ABORT, 'messages are never deleted'); END;
CREATE TRIGGER approval_message_no_update BEFORE UPDATE ON approval_message BEGIN SELECT RAISE(ABORT, 'messages are never changed'); END;
CREATE TABLE approval_message_withdrawn (
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    number INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    withdrawn_by BLOB NOT NULL,
    PRIMARY KEY (case_id, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER approval_message_withdrawn_no_delete BEFORE DELETE ON approval_message_withdrawn BEGIN SELECT RAISE(ABORT, 'a withdrawal is never deleted'); END;
CREATE TRIGGER approval_message_withdrawn_no_update BEFORE UPDATE ON approval_message_withdrawn BEGIN SELECT RAISE(ABORT, 'a withdrawal is never changed'); END;
CREATE TABLE approval_minutes (
    id BLOB NOT NULL PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    language TEXT NOT NULL,
    edition INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    bytes_sealed BLOB NOT NULL,
    drawn_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX approval_minutes_by_case ON approval_minutes (case_id, language, edition);
CREATE TABLE approval_policy (
    unit_id BLOB NOT NULL,
    subject_kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, subject_kind, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE approval_seat (
    actor_id BLOB NOT NULL,
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (actor_id, case_id, stage)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_seat_of_case ON approval_seat (case_id);
CREATE TABLE approval_stage (
    case_id BLOB NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    is_escalated INTEGER NOT NULL CHECK (is_escalated IN (0, 1)),
    role TEXT,
    role_unit_id BLOB,
    PRIMARY KEY (case_id, stage)
) STRICT, WITHOUT ROWID;
CREATE INDEX approval_stage_by_deadline ON approval_stage (deadline_at);
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
CREATE TABLE board_cell (
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    gifts INTEGER NOT NULL,
    sum_fen INTEGER NOT NULL,
    PRIMARY KEY (unit_id, project_id, county_id, team_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX board_cell_by_project ON board_cell (project_id);
CREATE INDEX board_cell_by_team ON board_cell (team_id);
CREATE TABLE board_correction (
    place INTEGER NOT NULL PRIMARY KEY,
    gift_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    gifts INTEGER NOT NULL,
    sum_fen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER board_correction_no_delete BEFORE DELETE ON board_correction BEGIN SELECT RAISE(ABORT, 'corrections are never deleted'); END;
CREATE TRIGGER board_correction_no_update BEFORE UPDATE ON board_correction BEGIN SELECT RAISE(ABORT, 'corrections are never changed'); END;
CREATE TABLE board_freeze (
    day INTEGER NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    frozen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER board_freeze_no_delete BEFORE DELETE ON board_freeze BEGIN SELECT RAISE(ABORT, 'a frozen day is never deleted'); END;
CREATE TRIGGER board_freeze_no_update BEFORE UPDATE ON board_freeze BEGIN SELECT RAISE(ABORT, 'a frozen day is never changed'); END;
CREATE TABLE board_frozen (
    unit_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    project_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    gifts INTEGER NOT NULL,
    sum_fen INTEGER NOT NULL,
    PRIMARY KEY (unit_id, day, project_id, county_id, team_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX board_frozen_by_day ON board_frozen (day, project_id);
CREATE TRIGGER board_frozen_no_delete BEFORE DELETE ON board_frozen BEGIN SELECT RAISE(ABORT, 'a frozen row is never deleted'); END;
CREATE TRIGGER board_frozen_no_update BEFORE UPDATE ON board_frozen BEGIN SELECT RAISE(ABORT, 'a frozen row is never changed'); END;
CREATE TABLE board_gift (
    gift_id BLOB NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    county_id BLOB NOT NULL,
    team_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL,
    refunded_fen INTEGER NOT NULL,
    returned INTEGER NOT NULL CHECK (returned IN (0, 1)),
    held INTEGER NOT NULL CHECK (held IN (0, 1)),
    sponsors INTEGER NOT NULL CHECK (sponsors IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX board_gift_by_place ON board_gift (place);
CREATE TABLE board_opened (
    unit_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    kind TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    opened_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, campaign_id, kind)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE book_agency_hold (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    holder BLOB NOT NULL,
    held_fen INTEGER NOT NULL CHECK (held_fen > 0),
    set_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, fund_id, holder)
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
CREATE TABLE book_fund_floor (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    floor_fen INTEGER NOT NULL CHECK (floor_fen >= 0),
    set_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, fund_id)
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
CREATE TABLE break_glass (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    code_index BLOB NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    made_by BLOB NOT NULL,
    withdrawn_at INTEGER,
    used_at INTEGER,
    session_id BLOB,
    ends_at INTEGER,
    reason_sealed BLOB
) STRICT, WITHOUT ROWID;
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
, returned_on INTEGER, return_reason TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_by_unit ON campaign (unit_id, starts_on, id);
CREATE TABLE campaign_filing (
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    filing_no TEXT NOT NULL,
    authority TEXT NOT NULL,
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    plan_version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_filing_by_no ON campaign_filing (filing_no);
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
CREATE TABLE case_webhook (
    unit_id BLOB NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    last_at INTEGER,
    last_status INTEGER
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
CREATE TABLE channel_tag (
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    closed_at INTEGER,
    PRIMARY KEY (unit_id, code)
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
CREATE TABLE county_population (
    unit_id BLOB NOT NULL,
    from_day INTEGER NOT NULL,
    people INTEGER NOT NULL CHECK (people > 0),
    source TEXT NOT NULL,
    loaded_at INTEGER NOT NULL,
    loaded_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, from_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE delegation (
    id BLOB NOT NULL PRIMARY KEY,
    lender_id BLOB NOT NULL REFERENCES actor (id),
    actor_id BLOB NOT NULL REFERENCES actor (id),
    unit_id BLOB NOT NULL,
    role TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL,
    given_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by BLOB
, reason TEXT NOT NULL DEFAULT 'leave') STRICT, WITHOUT ROWID;
CREATE INDEX delegation_of_actor ON delegation (actor_id);
CREATE INDEX delegation_of_lender ON delegation (lender_id);
CREATE TABLE docking (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    campaign_id BLOB NOT NULL REFERENCES campaign (id),
    partner_id BLOB NOT NULL REFERENCES partner (id),
    state TEXT NOT NULL,
    assessed_on INTEGER,
    conclusion TEXT,
    assessment_sha256 TEXT,
    agreement_no TEXT,
    signed_on INTEGER,
    agreement_sha256 TEXT,
    named_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT,
    created_at INTEGER NOT NULL,
    CHECK ((assessed_on IS NULL) = (conclusion IS NULL) AND (assessed_on IS NULL) = (assessment_sha256 IS NULL)),
    CHECK ((agreement_no IS NULL) = (signed_on IS NULL) AND (agreement_no IS NULL) = (agreement_sha256 IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX docking_by_campaign ON docking (campaign_id, id);
CREATE UNIQUE INDEX docking_by_partner ON docking (unit_id, campaign_id, partner_id);
CREATE TABLE document (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    send_key TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to BLOB,
    confirm_by INTEGER,
    sent_by BLOB NOT NULL,
    sent_at INTEGER NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_by BLOB,
    withdrawn_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX document_by_key ON document (unit_id, send_key);
CREATE UNIQUE INDEX document_by_number ON document (unit_id, year, number);
CREATE INDEX document_by_reply ON document (reply_to);
CREATE TABLE document_file (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    file_id BLOB NOT NULL,
    media_type TEXT NOT NULL,
    length INTEGER NOT NULL,
    secret_wrapped BLOB NOT NULL,
    handed_in_by BLOB NOT NULL,
    handed_in_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX document_file_by_day ON document_file (unit_id, handed_in_at);
CREATE UNIQUE INDEX document_file_by_hash ON document_file (unit_id, sha256);
CREATE TABLE document_gram (
    gram TEXT NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    PRIMARY KEY (gram, document_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE document_number (
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE document_part (
    document_id BLOB NOT NULL REFERENCES document (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (document_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE document_recipient (
    unit_id BLOB NOT NULL,
    document_id BLOB NOT NULL REFERENCES document (id),
    read_by BLOB,
    read_at INTEGER,
    confirmed_by BLOB,
    confirmed_at INTEGER,
    reminded_at INTEGER,
    PRIMARY KEY (unit_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_recipient_of ON document_recipient (document_id, unit_id);
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
CREATE TABLE donor_prompt (
    unit_id BLOB NOT NULL,
    about_id BLOB NOT NULL,
    topic_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    send_on INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    claimed_at INTEGER,
    settled_at INTEGER,
    PRIMARY KEY (unit_id, about_id, topic_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_prompt_waiting ON donor_prompt (send_on) WHERE state = 'waiting';
CREATE TABLE donor_session (
    hash BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX donor_session_by_contact ON donor_session (contact_index);
CREATE TABLE duty_shift (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    actor_id BLOB,
    masked_name TEXT NOT NULL,
    masked_phone TEXT NOT NULL,
    person_sealed BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    cancelled_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX duty_shift_by_time ON duty_shift (unit_id, to_at);
CREATE TABLE event_part (
    unit_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, event_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_part_by_source ON event_part (source_id);
CREATE TABLE event_solicitor (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    event_id BLOB NOT NULL REFERENCES offline_event (id),
    person_sealed BLOB NOT NULL,
    minor INTEGER NOT NULL CHECK (minor IN (0, 1)),
    consented_on INTEGER,
    request_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK (minor = 0 OR consented_on IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX event_solicitor_by_key ON event_solicitor (unit_id, event_id, request_key);
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
CREATE INDEX fact_but_gifts ON fact (place) WHERE kind <> 'gift.confirmed';
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END;
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never changed'); END;
CREATE INDEX fact_of_subject ON fact (subject_id);
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
CREATE TABLE gift_attribution (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    team_id BLOB,
    county_id BLOB,
    tag TEXT,
    name_hidden INTEGER NOT NULL CHECK (name_hidden IN (0, 1)),
    gift_id BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, account_id, trade_no)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX gift_attribution_by_gift ON gift_attribution (gift_id) WHERE gift_id IS NOT NULL;
CREATE INDEX gift_attribution_by_team ON gift_attribution (team_id, gift_id) WHERE team_id IS NOT NULL;
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
, receipt TEXT, monthly INTEGER NOT NULL DEFAULT 0 CHECK (monthly IN (0, 1))) STRICT, WITHOUT ROWID;
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
CREATE TABLE giving_source (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
, ended_at INTEGER, ended_by BLOB, end_reason TEXT) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX giving_source_by_name ON giving_source (unit_id, kind, name);
CREATE TABLE goods_alias (
    unit_id BLOB NOT NULL,
    alias TEXT NOT NULL,
    item_id BLOB NOT NULL,
    PRIMARY KEY (unit_id, alias)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_alias_by_item ON goods_alias (item_id);
CREATE TABLE goods_appraisal (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    order_key TEXT NOT NULL,
    appraiser TEXT NOT NULL,
    state TEXT NOT NULL,
    value_fen INTEGER,
    report TEXT NOT NULL,
    ordered_by BLOB NOT NULL,
    ordered_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    answered_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_appraisal_by_lot ON goods_appraisal (lot_id, id);
CREATE INDEX goods_appraisal_by_state ON goods_appraisal (unit_id, state, id);
CREATE UNIQUE INDEX goods_appraisal_once ON goods_appraisal (unit_id, order_key);
CREATE TABLE goods_balance (
    lot_id BLOB NOT NULL,
    state TEXT NOT NULL,
    holder BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (lot_id, state, holder)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_balance_by_state ON goods_balance (unit_id, state, holder);
CREATE TABLE goods_box (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sheet_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    lot_id BLOB,
    quantity INTEGER,
    filled_at INTEGER,
    into_id BLOB,
    dispatch_id BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_box_by_into ON goods_box (into_id);
CREATE INDEX goods_box_by_lot ON goods_box (lot_id);
CREATE INDEX goods_box_by_number ON goods_box (year, number);
CREATE INDEX goods_box_by_sheet ON goods_box (sheet_id, number);
CREATE UNIQUE INDEX goods_box_once ON goods_box (unit_id, year, number);
CREATE TABLE goods_box_number (
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_box_sheet (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sheet_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    labels INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_box_sheet_once ON goods_box_sheet (unit_id, sheet_key);
CREATE TABLE goods_breach (
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    began_at INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (unit_id, kind, subject, began_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_breach_going ON goods_breach (unit_id, kind, subject) WHERE ended_at IS NULL;
CREATE INDEX goods_breach_open ON goods_breach (unit_id, ended_at);
CREATE TABLE goods_call (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    call_key TEXT NOT NULL,
    script_unit_id BLOB NOT NULL,
    script_version INTEGER NOT NULL,
    answers_sealed BLOB NOT NULL,
    outcome TEXT NOT NULL,
    subject BLOB,
    answered_by BLOB NOT NULL,
    answered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_call_once ON goods_call (unit_id, call_key);
CREATE TABLE goods_code_try (
    dispatch_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    tries INTEGER NOT NULL CHECK (tries > 0),
    PRIMARY KEY (dispatch_id, lot_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_count (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    counted INTEGER NOT NULL,
    booked INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    counted_by BLOB NOT NULL,
    counted_at INTEGER NOT NULL,
    settled_by BLOB,
    settled_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_count_by_state ON goods_count (unit_id, state, id);
CREATE TABLE goods_device (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    seen_at INTEGER,
    offset_ms INTEGER,
    seq_whole INTEGER NOT NULL,
    seq_last INTEGER NOT NULL,
    revoked_by BLOB,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_device_by_actor ON goods_device (actor_id, id);
CREATE UNIQUE INDEX goods_device_once ON goods_device (unit_id, public_key);
CREATE TABLE goods_device_record (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    signature BLOB NOT NULL,
    device_at INTEGER NOT NULL,
    offset_ms INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_args TEXT NOT NULL,
    effect_key TEXT NOT NULL,
    taken_key TEXT,
    lot_id BLOB,
    box_id BLOB,
    dispatch_id BLOB,
    done_at INTEGER,
    settled_by BLOB,
    settled_at INTEGER,
    settled_words TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_device_record_by_number ON goods_device_record (device_id, seq, id);
CREATE INDEX goods_device_record_by_outcome ON goods_device_record (unit_id, outcome, id);
CREATE UNIQUE INDEX goods_device_record_once ON goods_device_record (device_id, digest);
CREATE UNIQUE INDEX goods_device_record_taken ON goods_device_record (unit_id, taken_key);
CREATE TABLE goods_dispatch (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    plan_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    left_at INTEGER,
    received_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_dispatch_by_state ON goods_dispatch (unit_id, state, id);
CREATE UNIQUE INDEX goods_dispatch_number ON goods_dispatch (unit_id, year, number);
CREATE TABLE goods_dispatch_line (
    dispatch_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    lot_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    request_id BLOB,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (dispatch_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_grant (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    grant_key TEXT NOT NULL,
    request_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    state TEXT NOT NULL,
    year INTEGER,
    number INTEGER,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    decided_at INTEGER,
    paid_by BLOB,
    paid_at INTEGER,
    journal_id BLOB
, case_id BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX goods_grant_by_request ON goods_grant (request_id, id);
CREATE UNIQUE INDEX goods_grant_number ON goods_grant (unit_id, year, number);
CREATE UNIQUE INDEX goods_grant_once ON goods_grant (unit_id, grant_key);
CREATE TABLE goods_grant_decision (
    grant_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    decision TEXT NOT NULL,
    words TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (grant_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_item (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    grade TEXT NOT NULL,
    grade_mark TEXT NOT NULL,
    base_unit TEXT NOT NULL,
    shelf_life_months INTEGER,
    is_kit INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_item_once ON goods_item (unit_id, name, grade);
CREATE TABLE goods_item_unit (
    item_id BLOB NOT NULL,
    unit_word TEXT NOT NULL,
    per_base INTEGER NOT NULL,
    PRIMARY KEY (item_id, unit_word)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_kit_part (
    kit_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (kit_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_letter (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    contact_sealed BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_letter_once ON goods_letter (lot_id, kind);
CREATE TABLE goods_line (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    identity BLOB NOT NULL,
    import_id BLOB NOT NULL,
    sheet TEXT NOT NULL,
    sheet_row INTEGER NOT NULL,
    day INTEGER,
    day_words TEXT NOT NULL,
    party_shown TEXT NOT NULL,
    party_index BLOB NOT NULL,
    party_sealed BLOB NOT NULL,
    place TEXT NOT NULL,
    item TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    how TEXT NOT NULL,
    quantity INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_line_by_day ON goods_line (unit_id, kind, day, id);
CREATE UNIQUE INDEX goods_line_once ON goods_line (unit_id, identity);
CREATE TABLE goods_list (
    unit_id BLOB NOT NULL,
    for_day INTEGER NOT NULL,
    version INTEGER NOT NULL,
    lines TEXT NOT NULL,
    drawn_at INTEGER NOT NULL,
    drawn_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, for_day, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_lot (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    lot_key TEXT NOT NULL,
    item_id BLOB NOT NULL,
    unit_word TEXT NOT NULL,
    per_base INTEGER NOT NULL,
    per_box INTEGER NOT NULL,
    spec TEXT NOT NULL,
    batch TEXT NOT NULL,
    source TEXT NOT NULL,
    donor_shown TEXT NOT NULL,
    donor_sealed BLOB NOT NULL,
    designated_for BLOB,
    expires_on INTEGER,
    has_certificate INTEGER NOT NULL,
    expected_on INTEGER,
    announced_at INTEGER NOT NULL,
    arrived_at INTEGER,
    stocked_at INTEGER,
    value_fen INTEGER,
    value_basis TEXT NOT NULL,
    moves INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_lot_by_arrival ON goods_lot (unit_id, arrived_at);
CREATE INDEX goods_lot_by_expected ON goods_lot (unit_id, expected_on);
CREATE INDEX goods_lot_by_item ON goods_lot (unit_id, item_id, id);
CREATE UNIQUE INDEX goods_lot_once ON goods_lot (unit_id, lot_key);
CREATE TABLE goods_mapping (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    undone_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_mapping_by_unit ON goods_mapping (unit_id, id);
CREATE TABLE goods_mapping_text (
    mapping_id BLOB NOT NULL,
    alias TEXT NOT NULL,
    before_id BLOB,
    PRIMARY KEY (mapping_id, alias)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_move (
    lot_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    unit_id BLOB NOT NULL,
    move_key TEXT NOT NULL,
    from_state TEXT,
    from_holder BLOB,
    to_state TEXT,
    to_holder BLOB,
    quantity INTEGER NOT NULL,
    paper TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    moved_at INTEGER NOT NULL,
    device_at INTEGER,
    PRIMARY KEY (lot_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_move_by_time ON goods_move (unit_id, moved_at);
CREATE TRIGGER goods_move_no_delete BEFORE DELETE ON goods_move BEGIN
    SELECT RAISE(ABORT, 'movements are never deleted'); END;
CREATE TRIGGER goods_move_no_update BEFORE UPDATE ON goods_move BEGIN
    SELECT RAISE(ABORT, 'movements are never changed'); END;
CREATE UNIQUE INDEX goods_move_once ON goods_move (unit_id, move_key);
CREATE TABLE goods_move_unpapered (
    lot_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (lot_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_need_line (
    line_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    request_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_norm (
    unit_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    quantity_min INTEGER NOT NULL,
    quantity_normal INTEGER NOT NULL,
    quantity_max INTEGER NOT NULL,
    PRIMARY KEY (unit_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_number (
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_pack (
    item_id BLOB NOT NULL,
    unit_word TEXT NOT NULL,
    grams INTEGER NOT NULL CHECK (grams > 0),
    cubic_cm INTEGER NOT NULL CHECK (cubic_cm > 0),
    PRIMARY KEY (item_id, unit_word)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_paper (
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    subject BLOB NOT NULL,
    n INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, kind, year, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_paper_once ON goods_paper (unit_id, kind, subject, n);
CREATE TABLE goods_paper_drawn (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    n INTEGER NOT NULL,
    edition INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    sealed BLOB NOT NULL,
    drawn_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_paper_drawn_once ON goods_paper_drawn (unit_id, kind, subject, n, edition);
CREATE TABLE goods_parcel_signature (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    proof TEXT NOT NULL,
    signer_shown TEXT NOT NULL,
    signer_sealed BLOB NOT NULL,
    drawn_sealed BLOB,
    signed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_parcel_signature_once ON goods_parcel_signature (lot_id, n);
CREATE TABLE goods_party (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_party_once ON goods_party (unit_id, name);
CREATE TABLE goods_photo (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    lot_id BLOB,
    box_id BLOB,
    dispatch_id BLOB,
    taken_at INTEGER NOT NULL,
    note_sealed BLOB NOT NULL,
    file_id BLOB,
    length INTEGER,
    secret_wrapped BLOB,
    kept_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_photo_by_dispatch ON goods_photo (dispatch_id, id);
CREATE INDEX goods_photo_by_lot ON goods_photo (lot_id, id);
CREATE INDEX goods_photo_by_unit ON goods_photo (unit_id, id);
CREATE UNIQUE INDEX goods_photo_once ON goods_photo (device_id, sha256);
CREATE TABLE goods_place (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
, region_code TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_place_once ON goods_place (unit_id, code);
CREATE TABLE goods_plan (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    decided_at INTEGER
, case_id BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX goods_plan_by_day ON goods_plan (unit_id, day, id);
CREATE TABLE goods_plan_change (
    plan_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    lot_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    before_lines TEXT NOT NULL,
    after_lines TEXT NOT NULL,
    reason TEXT NOT NULL,
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (plan_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_plan_decision (
    plan_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    decision TEXT NOT NULL,
    words TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    PRIMARY KEY (plan_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_plan_line (
    plan_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    lot_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    party_id BLOB,
    request_id BLOB,
    quantity INTEGER NOT NULL,
    why TEXT NOT NULL,
    changed_reason TEXT NOT NULL,
    PRIMARY KEY (plan_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_recipient (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    dispatch_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    name_shown TEXT NOT NULL,
    name_sealed BLOB NOT NULL,
    signature_id BLOB,
    signed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_recipient_by_dispatch ON goods_recipient (dispatch_id, lot_id, n);
CREATE TABLE goods_request (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    request_key TEXT NOT NULL,
    party_id BLOB NOT NULL,
    item_id BLOB,
    unit_word TEXT NOT NULL,
    quantity INTEGER,
    amount_fen INTEGER,
    granted INTEGER NOT NULL,
    priority TEXT NOT NULL,
    basis TEXT NOT NULL,
    needed_by INTEGER,
    confirmed_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    withdrawn_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_request_by_item ON goods_request (unit_id, item_id);
CREATE UNIQUE INDEX goods_request_once ON goods_request (unit_id, request_key);
CREATE TABLE goods_request_repeat (
    request_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    every_days INTEGER NOT NULL,
    next_on INTEGER NOT NULL,
    until_on INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_request_repeat_by_day ON goods_request_repeat (next_on, request_id);
CREATE TABLE goods_requester (
    unit_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_sale (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    sale_key TEXT NOT NULL,
    lot_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    place_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    fund_id BLOB NOT NULL,
    restriction TEXT NOT NULL,
    paid_into TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    buyer_shown TEXT NOT NULL,
    buyer_sealed BLOB NOT NULL,
    journal_id BLOB NOT NULL,
    sold_by BLOB NOT NULL,
    sold_at INTEGER NOT NULL,
    undone_n INTEGER,
    undone_journal_id BLOB,
    undone_by BLOB,
    undone_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_sale_by_move ON goods_sale (lot_id, n);
CREATE UNIQUE INDEX goods_sale_once ON goods_sale (unit_id, sale_key);
CREATE TABLE goods_script (
    unit_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_series (
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (unit_id, kind, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_signature (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    dispatch_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    quantity INTEGER NOT NULL,
    proof TEXT NOT NULL,
    signer_shown TEXT NOT NULL,
    signer_sealed BLOB NOT NULL,
    signed_at INTEGER NOT NULL
, drawn_sealed BLOB) STRICT, WITHOUT ROWID;
CREATE INDEX goods_signature_by_dispatch ON goods_signature (dispatch_id, id);
CREATE TABLE goods_straight (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    straight_key TEXT NOT NULL,
    lot_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    party_id BLOB NOT NULL,
    request_id BLOB,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL,
    first_by BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    second_by BLOB,
    second_at INTEGER,
    list_number TEXT NOT NULL,
    dispatch_id BLOB,
    booked_by BLOB,
    booked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_straight_by_unit ON goods_straight (unit_id, id);
CREATE UNIQUE INDEX goods_straight_once ON goods_straight (unit_id, straight_key);
CREATE TABLE goods_trip (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    trip_key TEXT NOT NULL,
    vehicle_id BLOB NOT NULL,
    grams_max INTEGER NOT NULL,
    cubic_cm_max INTEGER NOT NULL,
    state TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    left_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_trip_once ON goods_trip (unit_id, trip_key);
CREATE TABLE goods_trip_order (
    dispatch_id BLOB NOT NULL PRIMARY KEY,
    trip_id BLOB NOT NULL,
    grams INTEGER NOT NULL,
    cubic_cm INTEGER NOT NULL,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_trip_order_by_trip ON goods_trip_order (trip_id, added_at);
CREATE TABLE goods_unwanted (
    unit_id BLOB NOT NULL,
    words TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, words)
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_value_claim (
    lot_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    value_fen INTEGER NOT NULL,
    basis TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_by BLOB NOT NULL,
    claimed_at INTEGER NOT NULL,
    confirmed_by BLOB,
    confirmed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX goods_value_claim_waiting ON goods_value_claim (unit_id, state);
CREATE TABLE goods_vehicle (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL,
    carrier TEXT NOT NULL,
    grams_max INTEGER NOT NULL CHECK (grams_max > 0),
    cubic_cm_max INTEGER NOT NULL CHECK (cubic_cm_max > 0),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX goods_vehicle_once ON goods_vehicle (unit_id, name);
CREATE TABLE goods_window (
    unit_id BLOB NOT NULL PRIMARY KEY,
    video TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE goods_worth (
    lot_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    holding TEXT NOT NULL,
    entered INTEGER NOT NULL,
    held INTEGER NOT NULL,
    held_fen INTEGER NOT NULL CHECK (held_fen >= 0),
    booked_upto INTEGER NOT NULL
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
CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    hash BLOB NOT NULL UNIQUE,
    given_by BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    accepted_at INTEGER,
    withdrawn_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_of_actor ON invitation (actor_id);
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
CREATE TABLE log_cursor (
    id INTEGER NOT NULL PRIMARY KEY,
    place INTEGER NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE mandate (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    form_key BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    project_id BLOB NOT NULL,
    plan_id BLOB,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    day_of_month INTEGER NOT NULL CHECK (day_of_month BETWEEN 1 AND 28),
    starts_on INTEGER NOT NULL,
    ends_on INTEGER,
    months INTEGER,
    anonymous INTEGER NOT NULL CHECK (anonymous IN (0, 1)),
    wants_news INTEGER NOT NULL CHECK (wants_news IN (0, 1)),
    provider TEXT NOT NULL,
    language TEXT NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    donor_sealed BLOB,
    donor_masked TEXT,
    consent_unit_id BLOB NOT NULL,
    consent_version INTEGER NOT NULL,
    consent_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    state_at INTEGER NOT NULL,
    resume_on INTEGER,
    end_reason TEXT,
    next_due INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mandate_by_contact ON mandate (contact_index, id);
CREATE INDEX mandate_by_due ON mandate (state, next_due, id);
CREATE UNIQUE INDEX mandate_by_form ON mandate (unit_id, form_key);
CREATE INDEX mandate_by_plan ON mandate (plan_id, state) WHERE plan_id IS NOT NULL;
CREATE INDEX mandate_by_project ON mandate (project_id, state);
CREATE INDEX mandate_by_unit ON mandate (unit_id, id);
CREATE TABLE mandate_change (
    unit_id BLOB NOT NULL,
    mandate_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    actor_id BLOB,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, mandate_id, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mandate_change_no_delete BEFORE DELETE ON mandate_change BEGIN
    SELECT RAISE(ABORT, 'changes of a mandate are never deleted'); END;
CREATE TRIGGER mandate_change_no_update BEFORE UPDATE ON mandate_change BEGIN
    SELECT RAISE(ABORT, 'changes of a mandate are never altered'); END;
CREATE TABLE mandate_period (
    unit_id BLOB NOT NULL,
    mandate_id BLOB NOT NULL,
    period INTEGER NOT NULL,
    due_on INTEGER NOT NULL,
    closes_on INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    order_id BLOB,
    orders INTEGER NOT NULL,
    gift_id BLOB,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, mandate_id, period)
) STRICT, WITHOUT ROWID;
CREATE INDEX mandate_period_by_gift ON mandate_period (gift_id) WHERE gift_id IS NOT NULL;
CREATE INDEX mandate_period_by_state ON mandate_period (state, closes_on);
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
CREATE TABLE match_settled_share (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    fund_id BLOB NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen <> 0),
    journal_id BLOB NOT NULL,
    PRIMARY KEY (unit_id, pool_id, number, fund_id, restriction)
) STRICT, WITHOUT ROWID;
CREATE TABLE match_settlement (
    unit_id BLOB NOT NULL,
    pool_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    request_key TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    paid_on INTEGER NOT NULL,
    memo_code TEXT,
    booked_by BLOB NOT NULL,
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, pool_id, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX match_settlement_by_key ON match_settlement (unit_id, request_key);
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
CREATE TABLE named_fund (
    fund_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    purpose_en TEXT NOT NULL,
    spending TEXT NOT NULL,
    spending_en TEXT NOT NULL,
    agreement_no TEXT NOT NULL,
    signed_on INTEGER NOT NULL,
    fee_bp INTEGER NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000),
    principal_fen INTEGER NOT NULL CHECK (principal_fen >= 0),
    minimum_fen INTEGER NOT NULL CHECK (minimum_fen >= 0),
    minimum_rule TEXT NOT NULL,
    report_month INTEGER NOT NULL,
    report_day INTEGER NOT NULL,
    dormant_months INTEGER NOT NULL CHECK (dormant_months > 0),
    rest_project_id BLOB NOT NULL,
    rest_words TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    opened_by BLOB,
    opened_at INTEGER,
    closing_by BLOB,
    closing_at INTEGER,
    closing_reason TEXT,
    closed_by BLOB,
    closed_at INTEGER,
    rest_fen INTEGER
, founder TEXT NOT NULL DEFAULT 'unit') STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX named_fund_by_project ON named_fund (unit_id, project_id);
CREATE INDEX named_fund_by_state ON named_fund (state, fund_id);
CREATE INDEX named_fund_by_unit ON named_fund (unit_id, fund_id);
CREATE TABLE named_fund_alert (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    opened_on INTEGER NOT NULL,
    closed_on INTEGER,
    PRIMARY KEY (unit_id, fund_id, kind, opened_on)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX named_fund_alert_open ON named_fund_alert (unit_id, fund_id, kind) WHERE closed_on IS NULL;
CREATE TABLE named_fund_fee (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    month INTEGER NOT NULL,
    base_fen INTEGER NOT NULL,
    fee_fen INTEGER NOT NULL,
    journal_id BLOB,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, fund_id, month)
) STRICT, WITHOUT ROWID;
CREATE TABLE named_fund_report (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    words TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, fund_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE named_fund_version (
    unit_id BLOB NOT NULL,
    fund_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    agreement TEXT NOT NULL,
    rest_project_id BLOB NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    from_day INTEGER,
    PRIMARY KEY (unit_id, fund_id, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX named_fund_version_proposed ON named_fund_version (unit_id, fund_id) WHERE state = 'proposed';
CREATE TABLE news_agreement (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    contact_sealed BLOB,
    language TEXT NOT NULL,
    consent_version INTEGER NOT NULL,
    consent_hash BLOB NOT NULL,
    agreed_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_how TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX news_agreement_by_contact ON news_agreement (contact_index, id);
CREATE INDEX news_agreement_by_project ON news_agreement (project_id, id);
CREATE UNIQUE INDEX news_agreement_running ON news_agreement (unit_id, project_id, contact_index)
    WHERE ended_at IS NULL;
CREATE TABLE notice (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    campaign_id BLOB,
    project_id BLOB,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    title_en TEXT NOT NULL,
    body_en TEXT NOT NULL,
    version INTEGER NOT NULL,
    corrects_id BLOB,
    state TEXT NOT NULL,
    year INTEGER,
    number INTEGER,
    sha256 BLOB,
    published_at INTEGER,
    published_fact_id BLOB,
    corrected_by_id BLOB,
    ended_at INTEGER,
    end_reason TEXT,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((version = 1) = (corrects_id IS NULL)),
    CHECK ((number IS NULL) = (year IS NULL) AND (number IS NULL) = (sha256 IS NULL) AND (number IS NULL) = (published_at IS NULL)),
    CHECK (state IN ('draft', 'dropped') OR number IS NOT NULL)
) STRICT;
CREATE INDEX notice_by_campaign ON notice (campaign_id, published_at);
CREATE INDEX notice_by_corrected ON notice (corrects_id);
CREATE UNIQUE INDEX notice_by_number ON notice (unit_id, year, number, version);
CREATE INDEX notice_by_project ON notice (project_id, published_at);
CREATE INDEX notice_by_unit ON notice (unit_id, published_at, id);
CREATE TABLE notice_file (
    notice_id BLOB NOT NULL REFERENCES notice (id),
    position INTEGER NOT NULL,
    file_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    media_type TEXT NOT NULL,
    length INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (notice_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE TABLE notice_series (
    unit_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (unit_id, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE offline_event (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES project (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    held_on INTEGER NOT NULL,
    state TEXT NOT NULL,
    request_key TEXT NOT NULL,
    first_by BLOB,
    first_fen INTEGER,
    second_by BLOB,
    account_id BLOB,
    deposited_on INTEGER,
    slip_no TEXT,
    deposited_by BLOB,
    gift_id BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX offline_event_by_gift ON offline_event (gift_id) WHERE gift_id IS NOT NULL;
CREATE UNIQUE INDEX offline_event_by_key ON offline_event (unit_id, request_key);
CREATE INDEX offline_event_by_state ON offline_event (unit_id, state, id);
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
CREATE TABLE partner (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    name TEXT NOT NULL,
    credit_code TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_by_code ON partner (unit_id, credit_code);
CREATE TABLE partner_agreement (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    region_id BLOB NOT NULL,
    agreement_key TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    signed_on INTEGER,
    signed_file_id BLOB,
    signed_by BLOB,
    ended_on INTEGER,
    ended_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_agreement_by_region ON partner_agreement (region_id, id);
CREATE UNIQUE INDEX partner_agreement_once ON partner_agreement (unit_id, agreement_key);
CREATE TABLE partner_agreement_version (
    agreement_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    file_id BLOB,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (agreement_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_amendment (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    amendment_key TEXT NOT NULL,
    base_version INTEGER NOT NULL,
    terms TEXT NOT NULL,
    reason TEXT NOT NULL,
    file_id BLOB NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_amendment_by_agreement ON partner_amendment (agreement_id, id);
CREATE UNIQUE INDEX partner_amendment_once ON partner_amendment (unit_id, amendment_key);
CREATE UNIQUE INDEX partner_amendment_waiting ON partner_amendment (unit_id, agreement_id) WHERE state = 'asked';
CREATE TABLE partner_child (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    name_shown TEXT NOT NULL,
    name_sealed BLOB NOT NULL,
    name_blind BLOB NOT NULL,
    grade TEXT NOT NULL,
    height_cm INTEGER NOT NULL CHECK (height_cm > 0),
    shoe_mm INTEGER NOT NULL CHECK (shoe_mm > 0),
    garment INTEGER NOT NULL,
    shoe INTEGER NOT NULL,
    guardian_sealed BLOB NOT NULL,
    consented_on INTEGER NOT NULL,
    withdrawn_at INTEGER,
    outcome TEXT NOT NULL,
    words TEXT NOT NULL,
    proof TEXT,
    proof_file_id BLOB,
    handed_by BLOB,
    handed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_child_once ON partner_child (list_id, name_blind);
CREATE UNIQUE INDEX partner_child_place ON partner_child (list_id, n);
CREATE TABLE partner_child_list (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    list_key TEXT NOT NULL,
    title TEXT NOT NULL,
    school TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_child_list_once ON partner_child_list (unit_id, list_key);
CREATE TABLE partner_dispatch (
    dispatch_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    linked_by BLOB NOT NULL,
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_dispatch_by_agreement ON partner_dispatch (agreement_id, linked_at);
CREATE TABLE partner_file (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    file_id BLOB NOT NULL,
    sha256 BLOB NOT NULL,
    media_type TEXT NOT NULL,
    length INTEGER NOT NULL,
    secret_wrapped BLOB NOT NULL,
    handed_by BLOB NOT NULL,
    handed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_file_once ON partner_file (unit_id, sha256);
CREATE TABLE partner_need (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    region_id BLOB NOT NULL,
    visit_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    amount_fen INTEGER,
    unit_word TEXT NOT NULL,
    quantity INTEGER,
    withdrawn_at INTEGER,
    withdrawn_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_need_by_region ON partner_need (region_id, id);
CREATE UNIQUE INDEX partner_need_once ON partner_need (visit_id, n);
CREATE TABLE partner_pair (
    agreement_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    PRIMARY KEY (agreement_id, version, ours)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_pair_theirs ON partner_pair (agreement_id, version, theirs);
CREATE TABLE partner_payment (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    payment_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    fund_id BLOB NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    purpose TEXT NOT NULL,
    purchase_id BLOB,
    state TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    paid_by BLOB,
    paid_at INTEGER,
    journal_id BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_payment_by_agreement ON partner_payment (agreement_id, id);
CREATE UNIQUE INDEX partner_payment_journal ON partner_payment (journal_id);
CREATE UNIQUE INDEX partner_payment_number ON partner_payment (unit_id, year, number);
CREATE UNIQUE INDEX partner_payment_once ON partner_payment (unit_id, payment_key);
CREATE TABLE partner_points (
    resident_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    shop_id BLOB NOT NULL,
    entry_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    points INTEGER NOT NULL CHECK (points <> 0),
    cause BLOB NOT NULL,
    reason TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (resident_id, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_points_cause ON partner_points (cause, kind);
CREATE TRIGGER partner_points_no_delete BEFORE DELETE ON partner_points BEGIN
    SELECT RAISE(ABORT, 'points are never deleted'); END;
CREATE TRIGGER partner_points_no_update BEFORE UPDATE ON partner_points BEGIN
    SELECT RAISE(ABORT, 'points are never changed'); END;
CREATE UNIQUE INDEX partner_points_once ON partner_points (shop_id, entry_key);
CREATE TABLE partner_purchase (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    need_id BLOB,
    list_id BLOB,
    purchase_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL,
    asked_by BLOB NOT NULL,
    asked_on INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    few_why TEXT,
    few_asked_by BLOB,
    few_approved_by BLOB,
    chosen_n INTEGER,
    chosen_why TEXT,
    chosen_by BLOB,
    chosen_at INTEGER,
    year INTEGER,
    number INTEGER,
    ordered_by BLOB,
    ordered_at INTEGER,
    due_on INTEGER,
    invoice_no TEXT,
    invoice_file_id BLOB,
    payment_id BLOB,
    called_off_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_purchase_by_agreement ON partner_purchase (agreement_id, id);
CREATE UNIQUE INDEX partner_purchase_list ON partner_purchase (list_id);
CREATE UNIQUE INDEX partner_purchase_once ON partner_purchase (unit_id, purchase_key);
CREATE TABLE partner_quote (
    purchase_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    supplier_id BLOB NOT NULL,
    price_fen INTEGER NOT NULL CHECK (price_fen > 0),
    file_id BLOB NOT NULL,
    collected_by BLOB NOT NULL,
    collected_at INTEGER NOT NULL,
    struck_at INTEGER,
    struck_why TEXT,
    PRIMARY KEY (purchase_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_receipt (
    purchase_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    words TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (purchase_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_region (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    region TEXT NOT NULL,
    society TEXT NOT NULL,
    contact_shown TEXT NOT NULL,
    contact_sealed BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_region_once ON partner_region (unit_id, region);
CREATE TABLE partner_resident (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    shop_id BLOB NOT NULL,
    resident_key TEXT NOT NULL,
    name_shown TEXT NOT NULL,
    name_sealed BLOB NOT NULL,
    phone_blind BLOB NOT NULL,
    points INTEGER NOT NULL CHECK (points >= 0),
    entries INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_resident_once ON partner_resident (shop_id, resident_key);
CREATE UNIQUE INDEX partner_resident_phone ON partner_resident (shop_id, phone_blind);
CREATE TABLE partner_sale (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    shop_id BLOB NOT NULL,
    resident_id BLOB NOT NULL,
    sale_key TEXT NOT NULL,
    points INTEGER NOT NULL CHECK (points > 0),
    sold_by BLOB NOT NULL,
    sold_at INTEGER NOT NULL,
    undone_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_sale_once ON partner_sale (shop_id, sale_key);
CREATE TABLE partner_sale_line (
    sale_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    shelf_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    price_points INTEGER NOT NULL,
    PRIMARY KEY (sale_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_series (
    unit_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (unit_id, kind, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_service (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    shop_id BLOB NOT NULL,
    resident_id BLOB NOT NULL,
    service_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    points INTEGER,
    recorded_by BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    decided_by BLOB,
    decided_at INTEGER,
    words TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_service_by_state ON partner_service (shop_id, state, id);
CREATE UNIQUE INDEX partner_service_once ON partner_service (shop_id, service_key);
CREATE TABLE partner_shelf (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    shop_id BLOB NOT NULL,
    item TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    price_points INTEGER NOT NULL CHECK (price_points > 0),
    stock INTEGER NOT NULL CHECK (stock >= 0),
    moves INTEGER NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_shelf_once ON partner_shelf (shop_id, item, unit_word);
CREATE TABLE partner_shelf_move (
    shelf_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    move_key TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity <> 0),
    sale_id BLOB,
    reason TEXT NOT NULL,
    actor_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (shelf_id, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER partner_shelf_move_no_delete BEFORE DELETE ON partner_shelf_move BEGIN
    SELECT RAISE(ABORT, 'movements are never deleted'); END;
CREATE TRIGGER partner_shelf_move_no_update BEFORE UPDATE ON partner_shelf_move BEGIN
    SELECT RAISE(ABORT, 'movements are never changed'); END;
CREATE UNIQUE INDEX partner_shelf_move_once ON partner_shelf_move (shelf_id, move_key);
CREATE TABLE partner_shop (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    agreement_id BLOB,
    shop_key TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_shop_once ON partner_shop (unit_id, shop_key);
CREATE TABLE partner_stocked (
    purchase_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    unit_id BLOB NOT NULL,
    item_id BLOB NOT NULL,
    place_id BLOB NOT NULL,
    lot_id BLOB NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    value_fen INTEGER NOT NULL CHECK (value_fen > 0),
    paper TEXT NOT NULL,
    stocked_by BLOB NOT NULL,
    stocked_at INTEGER NOT NULL,
    undone_by BLOB,
    undone_at INTEGER,
    undone_why TEXT,
    PRIMARY KEY (purchase_id, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_stocked_lot ON partner_stocked (lot_id);
CREATE UNIQUE INDEX partner_stocked_standing ON partner_stocked (unit_id, purchase_id) WHERE undone_at IS NULL;
CREATE TABLE partner_supplier (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    owner_shown TEXT NOT NULL,
    owner_blind BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX partner_supplier_once ON partner_supplier (unit_id, code);
CREATE TABLE partner_target (
    agreement_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    target_fen INTEGER NOT NULL CHECK (target_fen > 0),
    PRIMARY KEY (agreement_id, version, kind, year)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_tie (
    supplier_id BLOB NOT NULL,
    actor_id BLOB NOT NULL,
    words TEXT NOT NULL,
    declared_by BLOB NOT NULL,
    declared_at INTEGER NOT NULL,
    PRIMARY KEY (supplier_id, actor_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_visit (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    region_id BLOB NOT NULL,
    visit_key TEXT NOT NULL,
    way TEXT NOT NULL,
    day INTEGER NOT NULL,
    people INTEGER NOT NULL CHECK (people > 0),
    minutes TEXT NOT NULL,
    written_by BLOB NOT NULL,
    written_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_visit_by_region ON partner_visit (region_id, day);
CREATE UNIQUE INDEX partner_visit_once ON partner_visit (unit_id, visit_key);
CREATE TABLE partner_visit_file (
    visit_id BLOB NOT NULL,
    n INTEGER NOT NULL,
    file_id BLOB NOT NULL,
    PRIMARY KEY (visit_id, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE passkey (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    relying_party TEXT NOT NULL,
    credential_id BLOB NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    state BLOB NOT NULL,
    transports INTEGER NOT NULL,
    name_sealed BLOB NOT NULL,
    registered_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_of_actor ON passkey (actor_id, registered_at);
CREATE TABLE passkey_challenge (
    actor_id BLOB NOT NULL REFERENCES actor (id),
    purpose TEXT NOT NULL,
    state BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (actor_id, purpose)
) STRICT, WITHOUT ROWID;
CREATE TABLE password (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    hash_sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    replaced_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX password_in_force ON password (actor_id) WHERE replaced_at IS NULL;
CREATE INDEX password_of_actor ON password (actor_id, set_at);
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
CREATE INDEX payment_attempt_by_provider_no ON payment_attempt (unit_id, account_id, provider_no)
    WHERE provider_no IS NOT NULL;
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
CREATE TABLE platform_account (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    standing TEXT NOT NULL,
    since INTEGER NOT NULL,
    org_no TEXT NOT NULL,
    org_name TEXT NOT NULL,
    account_id BLOB,
    match_account_id BLOB,
    match_giver TEXT NOT NULL,
    totals_with_match INTEGER NOT NULL CHECK (totals_with_match IN (0, 1)),
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, platform)
) STRICT, WITHOUT ROWID;
CREATE TABLE platform_comparison (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    day INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    projects INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    trace_id TEXT NOT NULL,
    compared_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, platform, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE platform_difference (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    project_id BLOB NOT NULL,
    project_no TEXT NOT NULL,
    what TEXT NOT NULL,
    ours INTEGER NOT NULL,
    theirs INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    state TEXT NOT NULL,
    closed_at INTEGER,
    closed_by BLOB,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX platform_difference_by_state ON platform_difference (unit_id, platform, state, id);
CREATE TABLE platform_key (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    id BLOB NOT NULL,
    app_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, platform)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX platform_key_by_id ON platform_key (id);
CREATE TABLE platform_listing (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    project_id BLOB NOT NULL,
    state TEXT NOT NULL,
    capacity_fen INTEGER,
    filing_no TEXT NOT NULL,
    url TEXT NOT NULL,
    listed_on INTEGER,
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, platform, project_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX platform_listing_by_project ON platform_listing (project_id);
CREATE TABLE platform_order_tag (
    unit_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    trade_no TEXT NOT NULL,
    tag TEXT NOT NULL,
    county_id BLOB,
    PRIMARY KEY (unit_id, account_id, trade_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE platform_paper (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL,
    replaced INTEGER NOT NULL CHECK (replaced IN (0, 1)),
    told_days INTEGER,
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, platform, kind, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE platform_push (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    request_key TEXT NOT NULL,
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    proc_id TEXT,
    trace_id TEXT,
    code INTEGER,
    said TEXT,
    asked_at INTEGER NOT NULL,
    asked_by BLOB NOT NULL,
    told_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX platform_push_by_key ON platform_push (unit_id, platform, request_key);
CREATE TABLE platform_raise (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    project_no TEXT NOT NULL,
    from_fen INTEGER,
    to_fen INTEGER NOT NULL,
    reason TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    asked_by BLOB NOT NULL,
    needed_by INTEGER NOT NULL,
    state TEXT NOT NULL,
    granted_fen INTEGER,
    answered_at INTEGER,
    answered_by BLOB,
    note TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX platform_raise_by_listing ON platform_raise (unit_id, platform, project_no, id);
CREATE INDEX platform_raise_by_state ON platform_raise (unit_id, state, id);
CREATE TABLE platform_statement (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    number TEXT NOT NULL,
    content BLOB NOT NULL,
    state TEXT NOT NULL,
    gifts INTEGER NOT NULL,
    gift_fen INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    match_fen INTEGER NOT NULL,
    refund_fen INTEGER NOT NULL,
    fee_fen INTEGER NOT NULL,
    net_fen INTEGER NOT NULL,
    import_id BLOB,
    match_import_id BLOB,
    begun_at INTEGER NOT NULL,
    begun_by BLOB NOT NULL,
    booked_at INTEGER,
    arrived_on INTEGER,
    paid_at INTEGER,
    paid_by BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX platform_statement_by_number ON platform_statement (unit_id, platform, number);
CREATE TABLE platform_statement_line (
    unit_id BLOB NOT NULL,
    statement_id BLOB NOT NULL,
    project_no TEXT NOT NULL,
    project_id BLOB NOT NULL,
    gifts INTEGER NOT NULL,
    gift_fen INTEGER NOT NULL,
    matches INTEGER NOT NULL,
    match_fen INTEGER NOT NULL,
    refund_fen INTEGER NOT NULL,
    fee_fen INTEGER NOT NULL,
    net_fen INTEGER NOT NULL,
    PRIMARY KEY (unit_id, statement_id, project_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE platform_step (
    unit_id BLOB NOT NULL,
    platform TEXT NOT NULL,
    step TEXT NOT NULL,
    done_on INTEGER NOT NULL,
    noted_at INTEGER NOT NULL,
    noted_by BLOB NOT NULL,
    PRIMARY KEY (unit_id, platform, step)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE project_news (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT NOT NULL,
    words TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX project_news_by_project ON project_news (project_id, id);
CREATE UNIQUE INDEX project_news_by_title ON project_news (unit_id, project_id, title);
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
CREATE TABLE recovery_code (
    actor_id BLOB NOT NULL REFERENCES actor (id),
    code_index BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY (actor_id, code_index)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE report_due (
    unit_id BLOB NOT NULL,
    slot_id BLOB NOT NULL REFERENCES report_slot (id),
    last_version INTEGER NOT NULL,
    first_at INTEGER,
    draft TEXT,
    draft_by BLOB,
    draft_at INTEGER,
    PRIMARY KEY (unit_id, slot_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_due_by_slot ON report_due (slot_id, unit_id);
CREATE TABLE report_entry (
    unit_id BLOB NOT NULL,
    slot_id BLOB NOT NULL REFERENCES report_slot (id),
    version INTEGER NOT NULL,
    answers TEXT NOT NULL,
    is_nothing INTEGER NOT NULL CHECK (is_nothing IN (0, 1)),
    reason TEXT NOT NULL,
    handed_in_by BLOB NOT NULL,
    handed_in_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, slot_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_form (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    closed_at INTEGER,
    emergency_minutes INTEGER,
    emergency_since INTEGER,
    emergency_reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX report_form_by_unit ON report_form (unit_id, id);
CREATE TABLE report_form_version (
    form_id BLOB NOT NULL REFERENCES report_form (id),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    published_by BLOB NOT NULL,
    published_at INTEGER NOT NULL,
    PRIMARY KEY (form_id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE report_slot (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    form_id BLOB NOT NULL REFERENCES report_form (id),
    version INTEGER NOT NULL,
    opens_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    late_at INTEGER NOT NULL,
    is_emergency INTEGER NOT NULL CHECK (is_emergency IN (0, 1)),
    reminded_at INTEGER,
    alerted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX report_slot_by_form ON report_slot (form_id, due_at);
CREATE UNIQUE INDEX report_slot_by_hour ON report_slot (unit_id, form_id, due_at);
CREATE TABLE role_binding (
    actor_id BLOB NOT NULL REFERENCES actor (id),
    unit_id BLOB NOT NULL,
    role TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by BLOB NOT NULL,
    ended_at INTEGER,
    ended_by BLOB, from_day INTEGER, until_day INTEGER, title TEXT,
    PRIMARY KEY (actor_id, unit_id, role, granted_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX role_binding_running ON role_binding (actor_id, unit_id, role) WHERE ended_at IS NULL;
CREATE TABLE schema_migration (
    name TEXT NOT NULL PRIMARY KEY, sql_length BIGINT NOT NULL, sql_sum BIGINT NOT NULL, applied_at BIGINT NOT NULL);
CREATE TABLE screening_hold (
    gift_id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL,
    signal TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by BLOB,
    reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX screening_hold_by_state ON screening_hold (state, gift_id);
CREATE TABLE screening_source (
    unit_id BLOB NOT NULL,
    business_day INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source BLOB NOT NULL,
    PRIMARY KEY (unit_id, business_day, kind, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX screening_source_by_day ON screening_source (business_day);
CREATE TABLE screening_trace (
    unit_id BLOB NOT NULL,
    business_day INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source BLOB NOT NULL,
    gift_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL,
    paid_at INTEGER NOT NULL,
    payer BLOB,
    PRIMARY KEY (unit_id, business_day, kind, source, gift_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE second_factor (
    actor_id BLOB NOT NULL PRIMARY KEY REFERENCES actor (id),
    secret_sealed BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    last_step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE second_factor_offer (
    actor_id BLOB NOT NULL PRIMARY KEY REFERENCES actor (id),
    secret_sealed BLOB NOT NULL,
    offered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE signin_failure (
    key BLOB NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    locked_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_failure_age ON signin_failure (last_at);
CREATE TABLE signin_session (
    id BLOB NOT NULL PRIMARY KEY,
    actor_id BLOB NOT NULL REFERENCES actor (id),
    hash BLOB NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    revoked_at INTEGER,
    revoked_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX signin_session_of_actor ON signin_session (actor_id, started_at);
CREATE TABLE sponsor_plan (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    months INTEGER NOT NULL CHECK (months > 0),
    places INTEGER NOT NULL CHECK (places > 0),
    state TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sponsor_plan_by_project ON sponsor_plan (project_id, id);
CREATE UNIQUE INDEX sponsor_plan_by_title ON sponsor_plan (unit_id, project_id, title);
CREATE TABLE sso_knock (
    id BLOB NOT NULL PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES sso_provider (id),
    subject_index BLOB NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    subject_sealed BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sso_knock_age ON sso_knock (last_at);
CREATE UNIQUE INDEX sso_knock_of_subject ON sso_knock (provider_id, subject_index);
CREATE TABLE sso_link (
    id BLOB NOT NULL PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES sso_provider (id),
    actor_id BLOB NOT NULL REFERENCES actor (id),
    subject_index BLOB NOT NULL,
    subject_sealed BLOB,
    linked_at INTEGER NOT NULL,
    linked_by BLOB NOT NULL,
    last_used_at INTEGER,
    ended_at INTEGER,
    ended_by BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sso_link_of_actor ON sso_link (actor_id, provider_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX sso_link_of_subject ON sso_link (provider_id, subject_index) WHERE ended_at IS NULL;
CREATE TABLE sso_provider (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    settings TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    trust TEXT NOT NULL,
    is_on INTEGER NOT NULL,
    created_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sso_session (
    session_id BLOB NOT NULL PRIMARY KEY,
    provider_id BLOB NOT NULL REFERENCES sso_provider (id),
    actor_id BLOB NOT NULL REFERENCES actor (id),
    has_factor INTEGER NOT NULL,
    started_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sso_session_of_actor ON sso_session (actor_id, provider_id);
CREATE INDEX sso_session_of_provider ON sso_session (provider_id, started_at);
CREATE TABLE sso_used (
    state_hash BLOB NOT NULL PRIMARY KEY,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sso_used_age ON sso_used (used_at);
CREATE TABLE team (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    project_id BLOB NOT NULL REFERENCES project (id),
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    target_fen INTEGER,
    state TEXT NOT NULL,
    starter_sealed BLOB NOT NULL,
    request_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    opened_at INTEGER,
    closed_at INTEGER,
    closed_why TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX team_by_key ON team (unit_id, request_key);
CREATE INDEX team_by_project ON team (project_id, state, id);
CREATE INDEX team_by_state ON team (unit_id, state, id);
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
CREATE TABLE unit_change (
    unit_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    reason TEXT NOT NULL,
    from_id BLOB,
    to_id BLOB,
    changed_by BLOB NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (unit_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE watch_alert (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    rule_id BLOB NOT NULL REFERENCES watch_rule (id),
    fact_id BLOB NOT NULL,
    fact_kind TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    amount_fen INTEGER,
    happened_at INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    seen_at INTEGER,
    note_sealed BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX watch_alert_by_fact ON watch_alert (rule_id, fact_id);
CREATE INDEX watch_alert_by_owner ON watch_alert (owner_id, id);
CREATE TABLE watch_rule (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    title TEXT NOT NULL,
    condition TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_rule_by_owner ON watch_rule (owner_id, id);
CREATE TABLE watch_spent (
    journal_id BLOB NOT NULL PRIMARY KEY,
    project_id BLOB NOT NULL,
    amount_fen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_spent_by_project ON watch_spent (project_id);
CREATE TABLE watched (
    id BLOB NOT NULL PRIMARY KEY,
    unit_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    thing_id BLOB NOT NULL,
    name TEXT NOT NULL,
    note_sealed BLOB,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX watched_by_owner ON watched (owner_id, kind, thing_id);
CREATE INDEX watched_by_thing ON watched (thing_id);
