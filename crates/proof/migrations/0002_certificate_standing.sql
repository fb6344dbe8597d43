-- What became of a certified gift since: a row only for those that do not stand whole. The paper stays as issued.
CREATE TABLE certificate_standing (
    gift_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    standing TEXT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) CLUSTERED;
