-- Moves and closings of units with their reasons: facts name no reason, since people write in it what they like.
CREATE TABLE unit_change (
    unit_id BYTES NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    from_id BYTES,
    to_id BYTES,
    changed_by BYTES NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, number)
) CLUSTERED;
