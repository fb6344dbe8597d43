-- What a lot's value rests on and who said it: by evidence; above a limit a second person confirms it before it is booked.
CREATE TABLE goods_value_claim (
    lot_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    value_fen BIGINT NOT NULL,
    basis TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    claimed_by BYTES NOT NULL,
    claimed_at BIGINT NOT NULL,
    confirmed_by BYTES,
    confirmed_at BIGINT
) CLUSTERED;
CREATE INDEX goods_value_claim_waiting ON goods_value_claim (unit_id, state);
