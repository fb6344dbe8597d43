-- Who is to be handed what of a dispatch order: a list made beforehand. The name is sealed; the signature that proves the
-- hand-over stands beside it once it was given.
CREATE TABLE goods_recipient (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    dispatch_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    name_shown TEXT NOT NULL,
    name_sealed BYTES NOT NULL,
    signature_id BYTES,
    signed_at BIGINT
) CLUSTERED;
CREATE INDEX goods_recipient_by_dispatch ON goods_recipient (dispatch_id, lot_id, n);
