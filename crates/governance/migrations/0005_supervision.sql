-- Supervision: a supervisor's own list of things, her rules, and what they raised. All of it is hers alone.
CREATE TABLE watched (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    owner_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    thing_id BYTES NOT NULL,
    name TEXT NOT NULL,
    note_sealed BYTES,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX watched_by_owner ON watched (owner_id, kind, thing_id);
CREATE INDEX watched_by_thing ON watched (thing_id);

CREATE TABLE watch_rule (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    owner_id BYTES NOT NULL,
    title TEXT NOT NULL,
    condition TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
) CLUSTERED;
CREATE INDEX watch_rule_by_owner ON watch_rule (owner_id, id);

CREATE TABLE watch_alert (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    owner_id BYTES NOT NULL,
    rule_id BYTES NOT NULL REFERENCES watch_rule (id),
    fact_id BYTES NOT NULL,
    fact_kind TEXT NOT NULL,
    subject_id BYTES NOT NULL,
    amount_fen BIGINT,
    happened_at BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    seen_at BIGINT,
    note_sealed BYTES
) CLUSTERED;
-- A fact raises a rule's alert once, however often it is read.
CREATE UNIQUE INDEX watch_alert_by_fact ON watch_alert (rule_id, fact_id);
CREATE INDEX watch_alert_by_owner ON watch_alert (owner_id, id);

-- Expenditure of projects as the facts tell it, for rules about its share of what came in.
CREATE TABLE watch_spent (
    journal_id BYTES NOT NULL PRIMARY KEY,
    project_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX watch_spent_by_project ON watch_spent (project_id);
