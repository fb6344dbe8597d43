-- Where a unit has its cases told to another program of the society: one address, one secret that both know.
CREATE TABLE case_webhook (
    unit_id BYTES NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    secret_sealed BYTES NOT NULL,
    is_on BIGINT NOT NULL CHECK (is_on IN (0, 1)),
    set_by BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    -- How the last delivery went: a status below 300 was taken; none when no answer came.
    last_at BIGINT,
    last_status BIGINT
) CLUSTERED;
