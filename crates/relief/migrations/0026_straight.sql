-- Goods that go straight from the donor to a receiver and never enter the store: two people count them at the place, the
-- signed list comes back, then the way in and the way out are booked on one day.
CREATE TABLE goods_straight (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    straight_key TEXT NOT NULL,
    lot_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    party_id BYTES NOT NULL,
    request_id BYTES,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL,
    first_by BYTES NOT NULL,
    first_at BIGINT NOT NULL,
    second_by BYTES,
    second_at BIGINT,
    list_number TEXT NOT NULL,
    dispatch_id BYTES,
    booked_by BYTES,
    booked_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_straight_once ON goods_straight (unit_id, straight_key);
CREATE INDEX goods_straight_by_unit ON goods_straight (unit_id, id);
