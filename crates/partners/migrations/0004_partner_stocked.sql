-- What was bought and lies in the store: the lot it became. One stands at most; taken back it may be taken in anew.
CREATE TABLE partner_stocked (
    purchase_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    unit_id BYTES NOT NULL,
    item_id BYTES NOT NULL,
    place_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    value_fen BIGINT NOT NULL CHECK (value_fen > 0),
    paper TEXT NOT NULL,
    stocked_by BYTES NOT NULL,
    stocked_at BIGINT NOT NULL,
    undone_by BYTES,
    undone_at BIGINT,
    undone_why TEXT,
    PRIMARY KEY (purchase_id, n)
) CLUSTERED;
CREATE UNIQUE INDEX partner_stocked_standing ON partner_stocked (unit_id, purchase_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX partner_stocked_lot ON partner_stocked (lot_id);
