-- Reports up and down, the roster of duty, numbered documents.

CREATE TABLE report_form (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    closed_at BIGINT,
    -- While an emergency runs: every so many minutes, since when, why.
    emergency_minutes BIGINT,
    emergency_since BIGINT,
    emergency_reason TEXT
) CLUSTERED;
CREATE INDEX report_form_by_unit ON report_form (unit_id, id);

-- A version, once written, never changes: the hours that were planned under it keep it.
CREATE TABLE report_form_version (
    form_id BYTES NOT NULL REFERENCES report_form (id),
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (form_id, version)
) CLUSTERED;

-- One hour of a form.
CREATE TABLE report_slot (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    form_id BYTES NOT NULL REFERENCES report_form (id),
    version BIGINT NOT NULL,
    opens_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    late_at BIGINT NOT NULL,
    is_emergency BIGINT NOT NULL CHECK (is_emergency IN (0, 1)),
    reminded_at BIGINT,
    alerted_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX report_slot_by_hour ON report_slot (unit_id, form_id, due_at);
CREATE INDEX report_slot_by_form ON report_slot (form_id, due_at);

-- What each unit owes at an hour, and what it is writing.
CREATE TABLE report_due (
    unit_id BYTES NOT NULL,
    slot_id BYTES NOT NULL REFERENCES report_slot (id),
    -- The last version that was handed in; 0: none.
    last_version BIGINT NOT NULL,
    first_at BIGINT,
    draft TEXT,
    draft_by BYTES,
    draft_at BIGINT,
    PRIMARY KEY (unit_id, slot_id)
) CLUSTERED;
CREATE INDEX report_due_by_slot ON report_due (slot_id, unit_id);

-- What was handed in: a correction is another version, never another text of the same.
CREATE TABLE report_entry (
    unit_id BYTES NOT NULL,
    slot_id BYTES NOT NULL REFERENCES report_slot (id),
    version BIGINT NOT NULL,
    answers TEXT NOT NULL,
    is_nothing BIGINT NOT NULL CHECK (is_nothing IN (0, 1)),
    reason TEXT NOT NULL,
    handed_in_by BYTES NOT NULL,
    handed_in_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, slot_id, version)
) CLUSTERED;

-- Who is on duty. Name and telephone are sealed; the masked ones stand in clear.
CREATE TABLE duty_shift (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    actor_id BYTES,
    masked_name TEXT NOT NULL,
    masked_phone TEXT NOT NULL,
    person_sealed BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    cancelled_at BIGINT
) CLUSTERED;
CREATE INDEX duty_shift_by_time ON duty_shift (unit_id, to_at);

-- The last running number of a unit's documents in a year.
CREATE TABLE document_number (
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) CLUSTERED;

CREATE TABLE document (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    -- What the sender's form made once: sent twice, it is one document.
    send_key TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    -- As it is printed: 沂水县〔2026〕3号.
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    reply_to BYTES,
    confirm_by BIGINT,
    sent_by BYTES NOT NULL,
    sent_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    withdrawn_by BYTES,
    withdrawn_reason TEXT
) CLUSTERED;
CREATE UNIQUE INDEX document_by_number ON document (unit_id, year, number);
CREATE UNIQUE INDEX document_by_key ON document (unit_id, send_key);
CREATE INDEX document_by_reply ON document (reply_to);

CREATE TABLE document_recipient (
    unit_id BYTES NOT NULL,
    document_id BYTES NOT NULL REFERENCES document (id),
    read_by BYTES,
    read_at BIGINT,
    confirmed_by BYTES,
    confirmed_at BIGINT,
    reminded_at BIGINT,
    PRIMARY KEY (unit_id, document_id)
) CLUSTERED;
CREATE INDEX document_recipient_of ON document_recipient (document_id, unit_id);

-- Two characters each of title and number, folded: by these a document is found.
CREATE TABLE document_gram (
    gram TEXT NOT NULL,
    document_id BYTES NOT NULL REFERENCES document (id),
    PRIMARY KEY (gram, document_id)
) CLUSTERED;

-- Files that were handed in to be sent with documents: sealed, each under a secret of its own.
CREATE TABLE document_file (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    file_id BYTES NOT NULL,
    media_type TEXT NOT NULL,
    length BIGINT NOT NULL,
    secret_wrapped BYTES NOT NULL,
    handed_in_by BYTES NOT NULL,
    handed_in_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX document_file_by_hash ON document_file (unit_id, sha256);
CREATE INDEX document_file_by_day ON document_file (unit_id, handed_in_at);

-- The files of a document, in order, under the names they were given.
CREATE TABLE document_part (
    document_id BYTES NOT NULL REFERENCES document (id),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    sha256 BYTES NOT NULL,
    PRIMARY KEY (document_id, position)
) CLUSTERED;
