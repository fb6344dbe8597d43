-- Calls of donors, answered by a script (M-12).

CREATE TABLE goods_script (
    unit_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    published_by BYTES NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (unit_id, version)
) CLUSTERED;

-- One call: by which script it was led, what was said (sealed), what it ended in.
CREATE TABLE goods_call (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    call_key TEXT NOT NULL,
    script_unit_id BYTES NOT NULL,
    script_version BIGINT NOT NULL,
    answers_sealed BYTES NOT NULL,
    outcome TEXT NOT NULL,
    subject BYTES,
    answered_by BYTES NOT NULL,
    answered_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX goods_call_once ON goods_call (unit_id, call_key);
