-- Trucks: what a package weighs, what a vehicle takes, which orders travel on it.

-- One of this unit of an item, packed: its weight and the room it takes.
CREATE TABLE goods_pack (
    item_id BYTES NOT NULL,
    unit_word TEXT NOT NULL,
    grams BIGINT NOT NULL CHECK (grams > 0),
    cubic_cm BIGINT NOT NULL CHECK (cubic_cm > 0),
    PRIMARY KEY (item_id, unit_word)
) CLUSTERED;

CREATE TABLE goods_vehicle (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL,
    carrier TEXT NOT NULL,
    grams_max BIGINT NOT NULL CHECK (grams_max > 0),
    cubic_cm_max BIGINT NOT NULL CHECK (cubic_cm_max > 0),
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_vehicle_once ON goods_vehicle (unit_id, name);

-- One journey of a vehicle. What it may carry is kept as it was when loading began.
CREATE TABLE goods_trip (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    trip_key TEXT NOT NULL,
    vehicle_id BYTES NOT NULL,
    grams_max BIGINT NOT NULL,
    cubic_cm_max BIGINT NOT NULL,
    state TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    left_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_trip_once ON goods_trip (unit_id, trip_key);

-- An order travels on one vehicle; its weight and room as they were reckoned when it was put there.
CREATE TABLE goods_trip_order (
    dispatch_id BYTES NOT NULL PRIMARY KEY,
    trip_id BYTES NOT NULL,
    grams BIGINT NOT NULL,
    cubic_cm BIGINT NOT NULL,
    added_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX goods_trip_order_by_trip ON goods_trip_order (trip_id, added_at);
