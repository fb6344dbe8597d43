-- Points shops (M-22): points earned by service, spent for goods. Points are no money and stand in no book of money.
CREATE TABLE partner_shop (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES,
    shop_key TEXT NOT NULL,
    name TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    closed_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX partner_shop_once ON partner_shop (unit_id, shop_key);

CREATE TABLE partner_resident (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    resident_key TEXT NOT NULL,
    name_shown TEXT NOT NULL,
    name_sealed BYTES NOT NULL,
    phone_blind BYTES NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    entries BIGINT NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_resident_once ON partner_resident (shop_id, resident_key);
CREATE UNIQUE INDEX partner_resident_phone ON partner_resident (shop_id, phone_blind);

-- A service done: recorded by one person, confirmed by another; then it is worth points.
CREATE TABLE partner_service (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    resident_id BYTES NOT NULL,
    service_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    minutes BIGINT NOT NULL CHECK (minutes > 0),
    day BIGINT NOT NULL,
    state TEXT NOT NULL,
    points BIGINT,
    recorded_by BYTES NOT NULL,
    recorded_at BIGINT NOT NULL,
    decided_by BYTES,
    decided_at BIGINT,
    words TEXT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_service_once ON partner_service (shop_id, service_key);
CREATE INDEX partner_service_by_state ON partner_service (shop_id, state, id);

-- The journal of points: appended to, never changed. `cause` is the service, the sale, or the entry undone.
CREATE TABLE partner_points (
    resident_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    shop_id BYTES NOT NULL,
    entry_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    points BIGINT NOT NULL CHECK (points <> 0),
    cause BYTES NOT NULL,
    reason TEXT NOT NULL,
    actor_id BYTES NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (resident_id, n)
) CLUSTERED;
CREATE UNIQUE INDEX partner_points_once ON partner_points (shop_id, entry_key);
CREATE UNIQUE INDEX partner_points_cause ON partner_points (cause, kind);

CREATE TABLE partner_shelf (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    item TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    price_points BIGINT NOT NULL CHECK (price_points > 0),
    stock BIGINT NOT NULL CHECK (stock >= 0),
    moves BIGINT NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_shelf_once ON partner_shelf (shop_id, item, unit_word);

-- What came onto a shelf and left it; appended to, never changed.
CREATE TABLE partner_shelf_move (
    shelf_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    move_key TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity <> 0),
    sale_id BYTES,
    reason TEXT NOT NULL,
    actor_id BYTES NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (shelf_id, n)
) CLUSTERED;
CREATE UNIQUE INDEX partner_shelf_move_once ON partner_shelf_move (shelf_id, move_key);

CREATE TABLE partner_sale (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    resident_id BYTES NOT NULL,
    sale_key TEXT NOT NULL,
    points BIGINT NOT NULL CHECK (points > 0),
    sold_by BYTES NOT NULL,
    sold_at BIGINT NOT NULL,
    undone_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX partner_sale_once ON partner_sale (shop_id, sale_key);

CREATE TABLE partner_sale_line (
    sale_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    shelf_id BYTES NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    price_points BIGINT NOT NULL,
    PRIMARY KEY (sale_id, n)
) CLUSTERED;
--! sqlite
CREATE TRIGGER partner_points_no_update BEFORE UPDATE ON partner_points BEGIN
    SELECT RAISE(ABORT, 'points are never changed'); END;
CREATE TRIGGER partner_points_no_delete BEFORE DELETE ON partner_points BEGIN
    SELECT RAISE(ABORT, 'points are never deleted'); END;
CREATE TRIGGER partner_shelf_move_no_update BEFORE UPDATE ON partner_shelf_move BEGIN
    SELECT RAISE(ABORT, 'movements are never changed'); END;
CREATE TRIGGER partner_shelf_move_no_delete BEFORE DELETE ON partner_shelf_move BEGIN
    SELECT RAISE(ABORT, 'movements are never deleted'); END;
--! postgres
CREATE TRIGGER partner_points_append_only BEFORE UPDATE OR DELETE ON partner_points
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_shelf_move_append_only BEFORE UPDATE OR DELETE ON partner_shelf_move
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both
