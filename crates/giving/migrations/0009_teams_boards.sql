-- Teams (一起捐) under a project: own title, target and wall, no account of their own, no other use of the money
-- (rules.md R4.2). unit_id is the county a team counts for.
CREATE TABLE team (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL REFERENCES project (id),
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    target_fen BIGINT,
    state TEXT NOT NULL,
    starter_sealed BYTES NOT NULL,
    request_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    opened_at BIGINT,
    closed_at BIGINT,
    closed_why TEXT
) CLUSTERED;
CREATE UNIQUE INDEX team_by_key ON team (unit_id, request_key);
CREATE INDEX team_by_project ON team (project_id, state, id);
CREATE INDEX team_by_state ON team (unit_id, state, id);

-- Words in an address (`?from=CODE`) that lead a gift to a county. A unit's region code is such a word without a row.
CREATE TABLE channel_tag (
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (unit_id, code)
) CLUSTERED;

-- To what a payment is led, by its number: written with the order, or before a notice that says so is recorded.
-- gift_id is set when the gift is counted.
CREATE TABLE gift_attribution (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    trade_no TEXT NOT NULL,
    team_id BYTES,
    county_id BYTES,
    tag TEXT,
    name_hidden BIGINT NOT NULL CHECK (name_hidden IN (0, 1)),
    gift_id BYTES,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, account_id, trade_no)
) CLUSTERED;
CREATE UNIQUE INDEX gift_attribution_by_gift ON gift_attribution (gift_id) WHERE gift_id IS NOT NULL;
CREATE INDEX gift_attribution_by_team ON gift_attribution (team_id, gift_id) WHERE team_id IS NOT NULL;

-- What every gift counts for on the boards, and how it stands; written by the reaction `board_counting` in the order
-- of the facts. place is that of the fact that confirmed the gift. A match has no row; a gift in which a pool's money
-- is locked is marked as a sponsor's own. A team of sixteen zero bytes is none.
CREATE TABLE board_gift (
    gift_id BYTES NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    county_id BYTES NOT NULL,
    team_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    returned BIGINT NOT NULL CHECK (returned IN (0, 1)),
    held BIGINT NOT NULL CHECK (held IN (0, 1)),
    sponsors BIGINT NOT NULL CHECK (sponsors IN (0, 1))
) CLUSTERED;
CREATE INDEX board_gift_by_place ON board_gift (place);

-- What later facts took off or put back: one row a fact.
CREATE TABLE board_correction (
    place BIGINT NOT NULL PRIMARY KEY,
    gift_id BYTES NOT NULL,
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    county_id BYTES NOT NULL,
    team_id BYTES NOT NULL,
    gifts BIGINT NOT NULL,
    sum_fen BIGINT NOT NULL
) CLUSTERED;

-- The live sums: gifts and corrections together, by project, county and team.
CREATE TABLE board_cell (
    unit_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    county_id BYTES NOT NULL,
    team_id BYTES NOT NULL,
    gifts BIGINT NOT NULL,
    sum_fen BIGINT NOT NULL,
    PRIMARY KEY (unit_id, project_id, county_id, team_id)
) CLUSTERED;
CREATE INDEX board_cell_by_project ON board_cell (project_id);
CREATE INDEX board_cell_by_team ON board_cell (team_id);

-- The boards as they stood at the end of a day; never changed afterwards. place is the day's last fact: gifts confirmed
-- by it count. seen is how far it was known which of these gifts were held or given back.
CREATE TABLE board_freeze (
    day BIGINT NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    frozen_at BIGINT NOT NULL
) CLUSTERED;
CREATE TABLE board_frozen (
    unit_id BYTES NOT NULL,
    day BIGINT NOT NULL,
    project_id BYTES NOT NULL,
    county_id BYTES NOT NULL,
    team_id BYTES NOT NULL,
    gifts BIGINT NOT NULL,
    sum_fen BIGINT NOT NULL,
    PRIMARY KEY (unit_id, day, project_id, county_id, team_id)
) CLUSTERED;
CREATE INDEX board_frozen_by_day ON board_frozen (day, project_id);

-- Boards are shown only where somebody decided so (rules.md R1.14): a row a campaign and kind.
CREATE TABLE board_opened (
    unit_id BYTES NOT NULL,
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    kind TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, campaign_id, kind)
) CLUSTERED;

-- How many people live in a county, from a day on, with the source: loaded by the operator.
CREATE TABLE county_population (
    unit_id BYTES NOT NULL,
    from_day BIGINT NOT NULL,
    people BIGINT NOT NULL CHECK (people > 0),
    source TEXT NOT NULL,
    loaded_at BIGINT NOT NULL,
    loaded_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, from_day)
) CLUSTERED;

--! sqlite
CREATE TRIGGER board_correction_no_update BEFORE UPDATE ON board_correction BEGIN SELECT RAISE(ABORT, 'corrections are never changed'); END;
CREATE TRIGGER board_correction_no_delete BEFORE DELETE ON board_correction BEGIN SELECT RAISE(ABORT, 'corrections are never deleted'); END;
CREATE TRIGGER board_freeze_no_update BEFORE UPDATE ON board_freeze BEGIN SELECT RAISE(ABORT, 'a frozen day is never changed'); END;
CREATE TRIGGER board_freeze_no_delete BEFORE DELETE ON board_freeze BEGIN SELECT RAISE(ABORT, 'a frozen day is never deleted'); END;
CREATE TRIGGER board_frozen_no_update BEFORE UPDATE ON board_frozen BEGIN SELECT RAISE(ABORT, 'a frozen row is never changed'); END;
CREATE TRIGGER board_frozen_no_delete BEFORE DELETE ON board_frozen BEGIN SELECT RAISE(ABORT, 'a frozen row is never deleted'); END;
--! postgres
CREATE TRIGGER board_correction_append_only BEFORE UPDATE OR DELETE ON board_correction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER board_freeze_append_only BEFORE UPDATE OR DELETE ON board_freeze FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER board_frozen_append_only BEFORE UPDATE OR DELETE ON board_frozen FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both
