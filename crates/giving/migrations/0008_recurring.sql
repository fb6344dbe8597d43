-- Regular giving: plans with places, mandates, their due periods, prompts to donors, progress news.

-- One thing to be sponsored: “one desk, 120 yuan a month for 12 months”. The number of places never shrinks below
-- what is taken.
CREATE TABLE sponsor_plan (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    months BIGINT NOT NULL CHECK (months > 0),
    places BIGINT NOT NULL CHECK (places > 0),
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX sponsor_plan_by_title ON sponsor_plan (unit_id, project_id, title);
CREATE INDEX sponsor_plan_by_project ON sponsor_plan (project_id, id);

-- A donor's word to give every month. Keyed by itself, not by its donor: who merges donors re-points nothing here.
-- unit_id is the project's unit. Of the donor only a blind index stands in clear; the contact is sealed and goes some
-- time after the end.
CREATE TABLE mandate (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    form_key BYTES NOT NULL,
    body_hash BYTES NOT NULL,
    project_id BYTES NOT NULL,
    plan_id BYTES,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    day_of_month BIGINT NOT NULL CHECK (day_of_month BETWEEN 1 AND 28),
    starts_on BIGINT NOT NULL,
    ends_on BIGINT,
    months BIGINT,
    anonymous BIGINT NOT NULL CHECK (anonymous IN (0, 1)),
    wants_news BIGINT NOT NULL CHECK (wants_news IN (0, 1)),
    provider TEXT NOT NULL,
    language TEXT NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BYTES NOT NULL,
    donor_sealed BYTES,
    donor_masked TEXT,
    consent_unit_id BYTES NOT NULL,
    consent_version BIGINT NOT NULL,
    consent_hash BYTES NOT NULL,
    state TEXT NOT NULL,
    state_at BIGINT NOT NULL,
    resume_on BIGINT,
    end_reason TEXT,
    next_due BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX mandate_by_form ON mandate (unit_id, form_key);
CREATE INDEX mandate_by_contact ON mandate (contact_index, id);
CREATE INDEX mandate_by_due ON mandate (state, next_due, id);
CREATE INDEX mandate_by_plan ON mandate (plan_id, state) WHERE plan_id IS NOT NULL;
CREATE INDEX mandate_by_unit ON mandate (unit_id, id);
CREATE INDEX mandate_by_project ON mandate (project_id, state);

-- Who changed a mandate, when, why; one line a change, never altered.
CREATE TABLE mandate_change (
    unit_id BYTES NOT NULL,
    mandate_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    actor_id BYTES,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, mandate_id, number)
) CLUSTERED;
--! sqlite
CREATE TRIGGER mandate_change_no_update BEFORE UPDATE ON mandate_change BEGIN
    SELECT RAISE(ABORT, 'changes of a mandate are never altered'); END;
CREATE TRIGGER mandate_change_no_delete BEFORE DELETE ON mandate_change BEGIN
    SELECT RAISE(ABORT, 'changes of a mandate are never deleted'); END;
--! postgres
CREATE TRIGGER mandate_change_append_only BEFORE UPDATE OR DELETE ON mandate_change
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both

-- One row for each month a mandate is due, whatever ran twice or stopped for days: period is YYYYMM.
CREATE TABLE mandate_period (
    unit_id BYTES NOT NULL,
    mandate_id BYTES NOT NULL,
    period BIGINT NOT NULL,
    due_on BIGINT NOT NULL,
    closes_on BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    order_id BYTES,
    orders BIGINT NOT NULL,
    gift_id BYTES,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, mandate_id, period)
) CLUSTERED;
CREATE INDEX mandate_period_by_state ON mandate_period (state, closes_on);

-- What is to be said to a donor, once: about is the mandate or the agreement, topic the period or the piece of news.
CREATE TABLE donor_prompt (
    unit_id BYTES NOT NULL,
    about_id BYTES NOT NULL,
    topic_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    send_on BIGINT NOT NULL,
    state TEXT NOT NULL,
    tries BIGINT NOT NULL,
    claimed_at BIGINT,
    settled_at BIGINT,
    PRIMARY KEY (unit_id, about_id, topic_id, kind)
) CLUSTERED;
CREATE INDEX donor_prompt_waiting ON donor_prompt (send_on) WHERE state = 'waiting';

-- A piece of a project's progress.
CREATE TABLE project_news (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    title TEXT NOT NULL,
    title_en TEXT NOT NULL,
    words TEXT NOT NULL,
    words_en TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX project_news_by_title ON project_news (unit_id, project_id, title);
CREATE INDEX project_news_by_project ON project_news (project_id, id);

-- That a donor agreed to be told of a project's progress, to which wording, and when she took it back.
CREATE TABLE news_agreement (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    contact_kind TEXT NOT NULL,
    contact_index BYTES NOT NULL,
    contact_sealed BYTES,
    language TEXT NOT NULL,
    consent_version BIGINT NOT NULL,
    consent_hash BYTES NOT NULL,
    agreed_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_how TEXT
) CLUSTERED;
CREATE UNIQUE INDEX news_agreement_running ON news_agreement (unit_id, project_id, contact_index)
    WHERE ended_at IS NULL;
CREATE INDEX news_agreement_by_contact ON news_agreement (contact_index, id);
CREATE INDEX news_agreement_by_project ON news_agreement (project_id, id);
