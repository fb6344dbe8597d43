-- Approvals: versioned policies, cases and all that happened to them, and what lists need of open stages.

-- A version, once written, never changes: running cases keep it. What ships with the program stands in its code; cases name
-- it by a unit of zeros.
CREATE TABLE approval_policy (
    unit_id BYTES NOT NULL,
    subject_kind TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, subject_kind, version)
) CLUSTERED;

CREATE TABLE approval_case (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BYTES NOT NULL,
    policy_unit_id BYTES NOT NULL,
    policy_version BIGINT NOT NULL,
    title TEXT NOT NULL,
    -- Codes and amounts for whoever acts on the outcome, as a JSON object.
    details TEXT NOT NULL,
    is_fast BIGINT NOT NULL CHECK (is_fast IN (0, 1)),
    state TEXT NOT NULL,
    round BIGINT NOT NULL,
    asked_by BYTES NOT NULL,
    asked_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- While the emergency lane owes papers.
    papers_due_at BIGINT
) CLUSTERED;
CREATE INDEX approval_case_of_unit ON approval_case (unit_id, id);
CREATE INDEX approval_case_of_subject ON approval_case (unit_id, subject_kind, subject_id);
-- A thing has one case under way.
CREATE UNIQUE INDEX approval_case_going ON approval_case (unit_id, subject_kind, subject_id)
    WHERE state IN ('open', 'sent_back');

-- The history: where a case stands is computed from it, and from nothing else.
CREATE TABLE approval_entry (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    number BIGINT NOT NULL,
    happened_at BIGINT NOT NULL,
    actor_id BYTES,
    kind TEXT NOT NULL,
    stage TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) CLUSTERED;

-- Open stages, for “waiting for me”: written anew with each change of a case.
CREATE TABLE approval_stage (
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    is_escalated BIGINT NOT NULL CHECK (is_escalated IN (0, 1)),
    -- Where anyone of a role decides: whoever comes to the role later may, too.
    role TEXT,
    role_unit_id BYTES,
    PRIMARY KEY (case_id, stage)
) CLUSTERED;
CREATE INDEX approval_stage_by_deadline ON approval_stage (deadline_at);

-- owes: has to decide; said: has decided; apart: asked or is concerned.
CREATE TABLE approval_seat (
    actor_id BYTES NOT NULL,
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (actor_id, case_id, stage)
) CLUSTERED;
CREATE INDEX approval_seat_of_case ON approval_seat (case_id);
