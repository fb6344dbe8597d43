-- Movements recorded before every one of them had to say the paper it stands on, once and for all: whatever else lacks its
-- paper later is found by the nightly recount.
CREATE TABLE goods_move_unpapered (
    lot_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (lot_id, n)
) CLUSTERED;
INSERT INTO goods_move_unpapered (lot_id, n) SELECT lot_id, n FROM goods_move WHERE paper = '';
