-- Wrong codes said at the hand-over of a lot of an order since its list of recipients was made.
CREATE TABLE goods_code_try (
    dispatch_id BYTES NOT NULL,
    lot_id BYTES NOT NULL,
    tries BIGINT NOT NULL CHECK (tries > 0),
    PRIMARY KEY (dispatch_id, lot_id)
) CLUSTERED;
-- A breach goes on once: of two that two looks wrote at once the later one ends as it began.
UPDATE goods_breach SET ended_at = began_at WHERE ended_at IS NULL AND EXISTS (
    SELECT 1 FROM goods_breach o WHERE o.unit_id = goods_breach.unit_id AND o.kind = goods_breach.kind
        AND o.subject = goods_breach.subject AND o.ended_at IS NULL AND o.began_at < goods_breach.began_at);
CREATE UNIQUE INDEX goods_breach_going ON goods_breach (unit_id, kind, subject) WHERE ended_at IS NULL;
