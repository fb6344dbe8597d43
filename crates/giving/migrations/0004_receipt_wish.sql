-- What a giver said about a receipt (R1.27). A table of its own for those who said something, so that the hot path of
-- those who say nothing is as before. `id` is a gift, or a line that is held.
CREATE TABLE gift_receipt (
    unit_id BYTES NOT NULL,
    id BYTES NOT NULL,
    wish TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, id)
) CLUSTERED;
ALTER TABLE gift_order ADD COLUMN receipt TEXT;
