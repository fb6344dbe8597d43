-- Off-line giving: a market, a sale or a stamp-card event under a project. Its takings are counted by two people, paid into
-- the bank, matched to the bank's line, and are then a gift like any other.
CREATE TABLE offline_event (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL REFERENCES project (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    held_on BIGINT NOT NULL,
    state TEXT NOT NULL,
    request_key TEXT NOT NULL,
    first_by BYTES,
    first_fen BIGINT,
    second_by BYTES,
    account_id BYTES,
    deposited_on BIGINT,
    slip_no TEXT,
    deposited_by BYTES,
    gift_id BYTES,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX offline_event_by_key ON offline_event (unit_id, request_key);
CREATE INDEX offline_event_by_state ON offline_event (unit_id, state, id);
CREATE UNIQUE INDEX offline_event_by_gift ON offline_event (gift_id) WHERE gift_id IS NOT NULL;

-- Who asks for gifts at an event. A minor stands here only with a guardian's consent. No sum stands beside a person.
CREATE TABLE event_solicitor (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    event_id BYTES NOT NULL REFERENCES offline_event (id),
    person_sealed BYTES NOT NULL,
    minor BIGINT NOT NULL CHECK (minor IN (0, 1)),
    consented_on BIGINT,
    request_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK (minor = 0 OR consented_on IS NOT NULL)
) CLUSTERED;
CREATE UNIQUE INDEX event_solicitor_by_key ON event_solicitor (unit_id, event_id, request_key);

-- Villages, shops and firms of a county: keyed in or imported.
CREATE TABLE giving_source (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX giving_source_by_name ON giving_source (unit_id, kind, name);

-- What of an event's takings came from which of them.
CREATE TABLE event_part (
    unit_id BYTES NOT NULL,
    event_id BYTES NOT NULL,
    source_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, event_id, source_id)
) CLUSTERED;
CREATE INDEX event_part_by_source ON event_part (source_id);
