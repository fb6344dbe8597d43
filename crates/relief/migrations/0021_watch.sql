-- Goods that wait too long and norms that are broken: one row from the moment it began until it ended.
CREATE TABLE goods_breach (
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    subject BYTES NOT NULL,
    began_at BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (unit_id, kind, subject, began_at)
) CLUSTERED;
CREATE INDEX goods_breach_open ON goods_breach (unit_id, ended_at);
