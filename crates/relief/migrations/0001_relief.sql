-- Relief goods: published tables, catalogue, stock, lists, dispatch.

-- Lines of published tables, once each; text as published, names of donors sealed.
CREATE TABLE goods_line (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    identity BYTES NOT NULL,
    import_id BYTES NOT NULL,
    sheet TEXT NOT NULL,
    sheet_row BIGINT NOT NULL,
    day BIGINT,
    day_words TEXT NOT NULL,
    party_shown TEXT NOT NULL,
    party_index BYTES NOT NULL,
    party_sealed BYTES NOT NULL,
    place TEXT NOT NULL,
    item TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    how TEXT NOT NULL,
    quantity BIGINT,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_line_once ON goods_line (unit_id, identity);
CREATE INDEX goods_line_by_day ON goods_line (unit_id, kind, day, id);

-- The catalogue. Two items of one name differ in their grade; free text is mapped to one before anything is published.
CREATE TABLE goods_item (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    grade TEXT NOT NULL,
    grade_mark TEXT NOT NULL,
    base_unit TEXT NOT NULL,
    shelf_life_months BIGINT,
    is_kit BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_item_once ON goods_item (unit_id, name, grade);

-- 1 of this word is so many of the item's base unit.
CREATE TABLE goods_item_unit (
    item_id BYTES NOT NULL,
    unit_word TEXT NOT NULL,
    per_base BIGINT NOT NULL,
    PRIMARY KEY (item_id, unit_word)
) CLUSTERED;

CREATE TABLE goods_alias (
    unit_id BYTES NOT NULL,
    alias TEXT NOT NULL,
    item_id BYTES NOT NULL,
    PRIMARY KEY (unit_id, alias)
) CLUSTERED;
CREATE INDEX goods_alias_by_item ON goods_alias (item_id);

CREATE TABLE goods_kit_part (
    kit_id BYTES NOT NULL,
    item_id BYTES NOT NULL,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (kit_id, item_id)
) CLUSTERED;

CREATE TABLE goods_norm (
    unit_id BYTES NOT NULL,
    item_id BYTES NOT NULL,
    quantity_min BIGINT NOT NULL,
    quantity_normal BIGINT NOT NULL,
    quantity_max BIGINT NOT NULL,
    PRIMARY KEY (unit_id, item_id)
) CLUSTERED;

CREATE TABLE goods_unwanted (
    unit_id BYTES NOT NULL,
    words TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, words)
) CLUSTERED;

-- Where goods lie.
CREATE TABLE goods_place (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_place_once ON goods_place (unit_id, code);

-- Who receives goods or asks for them: hospitals, districts, departments; no private persons.
CREATE TABLE goods_party (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL,
    region_code TEXT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_party_once ON goods_party (unit_id, name);

-- One delivery of one item: everything that is true of all its pieces. moves counts its movements.
CREATE TABLE goods_lot (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    lot_key TEXT NOT NULL,
    item_id BYTES NOT NULL,
    unit_word TEXT NOT NULL,
    per_base BIGINT NOT NULL,
    per_box BIGINT NOT NULL,
    spec TEXT NOT NULL,
    batch TEXT NOT NULL,
    source TEXT NOT NULL,
    donor_shown TEXT NOT NULL,
    donor_sealed BYTES NOT NULL,
    designated_for BYTES,
    expires_on BIGINT,
    has_certificate BIGINT NOT NULL,
    expected_on BIGINT,
    announced_at BIGINT NOT NULL,
    arrived_at BIGINT,
    stocked_at BIGINT,
    value_fen BIGINT,
    value_basis TEXT NOT NULL,
    moves BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_lot_once ON goods_lot (unit_id, lot_key);
CREATE INDEX goods_lot_by_item ON goods_lot (unit_id, item_id, id);
CREATE INDEX goods_lot_by_arrival ON goods_lot (unit_id, arrived_at);
CREATE INDEX goods_lot_by_expected ON goods_lot (unit_id, expected_on);

-- Every movement, for ever. n is the lot's own running number; a missing end is the world outside.
CREATE TABLE goods_move (
    lot_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    unit_id BYTES NOT NULL,
    move_key TEXT NOT NULL,
    from_state TEXT,
    from_holder BYTES,
    to_state TEXT,
    to_holder BYTES,
    quantity BIGINT NOT NULL,
    paper TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor_id BYTES NOT NULL,
    moved_at BIGINT NOT NULL,
    device_at BIGINT,
    PRIMARY KEY (lot_id, n)
) CLUSTERED;
CREATE UNIQUE INDEX goods_move_once ON goods_move (unit_id, move_key);
CREATE INDEX goods_move_by_time ON goods_move (unit_id, moved_at);
--! sqlite
CREATE TRIGGER goods_move_no_update BEFORE UPDATE ON goods_move BEGIN
    SELECT RAISE(ABORT, 'movements are never changed'); END;
CREATE TRIGGER goods_move_no_delete BEFORE DELETE ON goods_move BEGIN
    SELECT RAISE(ABORT, 'movements are never deleted'); END;
--! postgres
CREATE TRIGGER goods_move_append_only BEFORE UPDATE OR DELETE ON goods_move
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both

-- What is where: written in the transaction of its movements, recounted by doctor.
CREATE TABLE goods_balance (
    lot_id BYTES NOT NULL,
    state TEXT NOT NULL,
    holder BYTES NOT NULL,
    unit_id BYTES NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (lot_id, state, holder)
) CLUSTERED;
CREATE INDEX goods_balance_by_state ON goods_balance (unit_id, state, holder);

-- A blind count: who counts does not see what the books say; a difference waits for its explanation.
CREATE TABLE goods_count (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    counted BIGINT NOT NULL,
    booked BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    counted_by BYTES NOT NULL,
    counted_at BIGINT NOT NULL,
    settled_by BYTES,
    settled_at BIGINT
) CLUSTERED;
CREATE INDEX goods_count_by_state ON goods_count (unit_id, state, id);

-- List two: what is asked for.
CREATE TABLE goods_request (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    request_key TEXT NOT NULL,
    party_id BYTES NOT NULL,
    item_id BYTES,
    unit_word TEXT NOT NULL,
    quantity BIGINT,
    amount_fen BIGINT,
    granted BIGINT NOT NULL,
    priority TEXT NOT NULL,
    basis TEXT NOT NULL,
    needed_by BIGINT,
    confirmed_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    withdrawn_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_request_once ON goods_request (unit_id, request_key);
CREATE INDEX goods_request_by_item ON goods_request (unit_id, item_id);

-- List one: a version of the list for a day. Its lines are a JSON document, frozen with it.
CREATE TABLE goods_list (
    unit_id BYTES NOT NULL,
    for_day BIGINT NOT NULL,
    version BIGINT NOT NULL,
    lines TEXT NOT NULL,
    drawn_at BIGINT NOT NULL,
    drawn_by BYTES NOT NULL,
    PRIMARY KEY (unit_id, for_day, version)
) CLUSTERED;

-- A proposed allocation, what was changed, who decided.
CREATE TABLE goods_plan (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    decided_at BIGINT
) CLUSTERED;
CREATE INDEX goods_plan_by_day ON goods_plan (unit_id, day, id);

CREATE TABLE goods_plan_line (
    plan_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    lot_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    party_id BYTES,
    request_id BYTES,
    quantity BIGINT NOT NULL,
    why TEXT NOT NULL,
    changed_reason TEXT NOT NULL,
    PRIMARY KEY (plan_id, n)
) CLUSTERED;

CREATE TABLE goods_plan_decision (
    plan_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    decision TEXT NOT NULL,
    words TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (plan_id, actor_id)
) CLUSTERED;

-- The last running number of a unit's papers in a year.
CREATE TABLE goods_number (
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) CLUSTERED;

-- An order that goods leave, one receiver each, with a running number of its unit and year.
CREATE TABLE goods_dispatch (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    plan_id BYTES NOT NULL,
    party_id BYTES NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    ordered_at BIGINT NOT NULL,
    left_at BIGINT,
    received_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_dispatch_number ON goods_dispatch (unit_id, year, number);
CREATE INDEX goods_dispatch_by_state ON goods_dispatch (unit_id, state, id);

CREATE TABLE goods_dispatch_line (
    dispatch_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    lot_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    request_id BYTES,
    quantity BIGINT NOT NULL,
    PRIMARY KEY (dispatch_id, n)
) CLUSTERED;

-- Who signed for what was handed out; the name is sealed.
CREATE TABLE goods_signature (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    dispatch_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    quantity BIGINT NOT NULL,
    proof TEXT NOT NULL,
    signer_shown TEXT NOT NULL,
    signer_sealed BYTES NOT NULL,
    signed_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX goods_signature_by_dispatch ON goods_signature (dispatch_id, id);
