-- The donor's way: what she agrees to, what she asks for with her order, her words, and the way back to her gifts.

-- What an amount buys, in English too.
ALTER TABLE project_choice ADD COLUMN words_en TEXT NOT NULL DEFAULT '';

-- What a donor agrees to. A new wording is a new version; rows are never changed or deleted.
CREATE TABLE consent_text (
    unit_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    words_zh TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, version)
) CLUSTERED;
--! sqlite
CREATE TRIGGER consent_text_no_update BEFORE UPDATE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent texts are never changed'); END;
CREATE TRIGGER consent_text_no_delete BEFORE DELETE ON consent_text BEGIN
    SELECT RAISE(ABORT, 'consent texts are never deleted'); END;
--! postgres
CREATE TRIGGER consent_text_append_only BEFORE UPDATE OR DELETE ON consent_text
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both

-- What an order of the giving page knows beyond the order; unit_id is the project's unit. What she agreed to is named by
-- unit, version (0: the text that ships) and the hash of both languages.
CREATE TABLE order_form (
    order_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    form_key BYTES NOT NULL,
    body_hash BYTES NOT NULL,
    provider TEXT NOT NULL,
    consent_unit_id BYTES NOT NULL,
    consent_version BIGINT NOT NULL,
    consent_hash BYTES NOT NULL,
    email_index BYTES,
    -- Company title, tax number and e-mail under the order's secret.
    receipt_sealed BYTES
) CLUSTERED;
-- One order for a form, however often it is sent.
CREATE UNIQUE INDEX order_form_by_key ON order_form (unit_id, form_key);
CREATE INDEX order_form_by_email ON order_form (email_index) WHERE email_index IS NOT NULL;

-- A donor's words, sealed by the installation's key; shown only in the state `shown` and once the order is paid.
CREATE TABLE donor_message (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    order_id BYTES NOT NULL,
    words_sealed BYTES NOT NULL,
    state TEXT NOT NULL,
    held_for TEXT,
    written_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX donor_message_by_order ON donor_message (unit_id, order_id);
CREATE INDEX donor_message_of_order ON donor_message (order_id);
CREATE INDEX donor_message_by_state ON donor_message (unit_id, state, id);
CREATE INDEX donor_message_by_project ON donor_message (project_id, state, id);

-- Words that hold a message until a person has read it; ended, never deleted.
CREATE TABLE blocked_word (
    unit_id BYTES NOT NULL,
    word TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by BYTES NOT NULL,
    ended_at BIGINT,
    ended_by BYTES,
    PRIMARY KEY (unit_id, word, added_at)
) CLUSTERED;
CREATE UNIQUE INDEX blocked_word_running ON blocked_word (unit_id, word) WHERE ended_at IS NULL;

-- One-time codes for “my gifts”. Of the donor only a blind index stays; of the code only a keyed hash.
CREATE TABLE donor_code (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BYTES NOT NULL,
    code_hash BYTES NOT NULL,
    tries BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) CLUSTERED;
CREATE INDEX donor_code_by_contact ON donor_code (contact_index, asked_at);

-- Who showed a right code, for an hour; the cookie itself is never kept, only its hash.
CREATE TABLE donor_session (
    hash BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BYTES NOT NULL,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) CLUSTERED;

-- A donor's wish for her money back: staff then ask for the refund by the rules, or answer why not.
CREATE TABLE refund_wish (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    wished_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT
) CLUSTERED;
-- One open wish for a gift.
CREATE UNIQUE INDEX refund_wish_open ON refund_wish (unit_id, gift_id) WHERE state = 'waiting';
CREATE INDEX refund_wish_by_state ON refund_wish (unit_id, state, id);
