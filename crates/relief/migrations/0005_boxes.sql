-- Codes on boxes, pallets and trucks: printed first, filled later; and donation letters.

CREATE TABLE goods_box_number (
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) CLUSTERED;

CREATE TABLE goods_box_sheet (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sheet_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    labels BIGINT NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_box_sheet_once ON goods_box_sheet (unit_id, sheet_key);

CREATE TABLE goods_box (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sheet_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    lot_id BYTES,
    quantity BIGINT,
    filled_at BIGINT,
    into_id BYTES,
    dispatch_id BYTES
) CLUSTERED;
CREATE UNIQUE INDEX goods_box_once ON goods_box (unit_id, year, number);
CREATE INDEX goods_box_by_number ON goods_box (year, number);
CREATE INDEX goods_box_by_sheet ON goods_box (sheet_id, number);
CREATE INDEX goods_box_by_lot ON goods_box (lot_id);
CREATE INDEX goods_box_by_into ON goods_box (into_id);

-- A letter or an agreement of a donor about a lot. Who answers for it there is sealed.
CREATE TABLE goods_letter (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    contact_sealed BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_letter_once ON goods_letter (lot_id, kind);
