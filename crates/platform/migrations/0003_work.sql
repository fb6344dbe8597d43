-- Answers kept for repeated requests.
CREATE TABLE idempotency_key (
    actor_id BYTES NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTES NOT NULL,
    started_at BIGINT NOT NULL,
    -- Nothing until the answer is known. Sealed, since it may show a token or a name.
    status BIGINT,
    media_type TEXT,
    answer_sealed BYTES,
    PRIMARY KEY (actor_id, key)
) CLUSTERED;
CREATE INDEX idempotency_key_age ON idempotency_key (started_at);

-- Work that outlives a request.
CREATE TABLE job (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    -- Two jobs with the same key are one: `nightly/recount/20260508`.
    once_key TEXT UNIQUE,
    input TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_after BIGINT NOT NULL,
    -- Progress: so many of so many.
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    message TEXT,
    -- The result of a done job, what went wrong of a failed one.
    outcome TEXT,
    created_by BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    seen_at BIGINT,
    finished_at BIGINT
) CLUSTERED;
CREATE INDEX job_open ON job (run_after) WHERE state IN ('waiting', 'running');

-- Stored bytes: named by their hash, kept in the folder `files` of the data folder.
CREATE TABLE file (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    length BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    -- 1: the bytes are sealed and useless without the secret they were sealed under.
    sealed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (unit_id, sha256, media_type, sealed)
) CLUSTERED;
CREATE INDEX file_by_hash ON file (sha256);

-- Dated values that overrule the shipped table of parameters; withdrawn, never deleted.
CREATE TABLE parameter_override (
    key TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    to_day BIGINT,
    value TEXT NOT NULL,
    legal_ref TEXT NOT NULL,
    set_by BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    PRIMARY KEY (key, from_day, set_at)
) CLUSTERED;

-- Days that differ from the shipped calendar.
CREATE TABLE calendar_day (
    day BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    note TEXT NOT NULL,
    set_by BYTES NOT NULL,
    set_at BIGINT NOT NULL
) CLUSTERED;
