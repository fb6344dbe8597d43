-- The tree over SM3 as far as it was computed: read off the entries, so it may be made anew any time. One row.
CREATE TABLE log_sm3 (
    id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    peaks BYTES NOT NULL
) CLUSTERED;
