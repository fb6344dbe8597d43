-- The one append-only record of everything that happened. Ids, codes and amounts; never personal data.
--! sqlite
CREATE TABLE fact (
    place BIGINT PRIMARY KEY,
    id BYTES NOT NULL,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    subject_id BYTES NOT NULL,
    actor_id BYTES,
    happened_at BIGINT NOT NULL,
    body TEXT NOT NULL
) ROWS;
--! postgres
CREATE TABLE fact (
    id BYTES PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    subject_id BYTES NOT NULL,
    actor_id BYTES,
    happened_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    tx_id XID8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX fact_by_tx ON fact (tx_id);
CREATE TABLE fact_place (
    place BIGINT PRIMARY KEY,
    fact_id BYTES NOT NULL UNIQUE
);
CREATE TABLE fact_sequencer (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    last_place BIGINT NOT NULL,
    placed_below XID8 NOT NULL
);
INSERT INTO fact_sequencer (only_row, last_place, placed_below) VALUES (1, 0, '0');
--! both

-- Append-only: an audit trail that can be edited is none.
--! sqlite
CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never changed'); END;
CREATE TRIGGER fact_no_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'facts are never deleted'); END;
--! postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$;
CREATE TRIGGER fact_append_only BEFORE UPDATE OR DELETE ON fact FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fact_place_append_only BEFORE UPDATE OR DELETE ON fact_place
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both

-- How far each reaction has read.
CREATE TABLE reaction_cursor (
    name TEXT NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL,
    moved_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    last_error TEXT
) CLUSTERED;

-- Settings of the installation: name, origin, key check, what `init` made.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) CLUSTERED;
