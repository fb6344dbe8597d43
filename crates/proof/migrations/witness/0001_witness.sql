-- A witness's own database: what it cosigned last of every log it watches. It is the memory that makes it a witness.
CREATE TABLE witness_log (
    origin TEXT NOT NULL PRIMARY KEY,
    vkey TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTES NOT NULL,
    -- The checkpoint with the log's signature and this witness's; nothing before the first.
    note TEXT,
    cosigned_seconds BIGINT NOT NULL
) CLUSTERED;
