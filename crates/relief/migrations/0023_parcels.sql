-- Parcels that were only held for their addressee, handed to him: who signed, and what was drawn.
CREATE TABLE goods_parcel_signature (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    proof TEXT NOT NULL,
    signer_shown TEXT NOT NULL,
    signer_sealed BYTES NOT NULL,
    drawn_sealed BYTES,
    signed_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_parcel_signature_once ON goods_parcel_signature (lot_id, n);
