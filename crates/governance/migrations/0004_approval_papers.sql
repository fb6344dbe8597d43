-- Papers of cases that were handed in as files: found by the hash of the file itself, which the case names; the bytes lie
-- sealed in the folder of files, each under a secret of its own.
CREATE TABLE approval_file (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    file_id BYTES NOT NULL,
    media_type TEXT NOT NULL,
    length BIGINT NOT NULL,
    secret_wrapped BYTES NOT NULL,
    handed_in_by BYTES NOT NULL,
    handed_in_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX approval_file_by_hash ON approval_file (unit_id, sha256);
CREATE INDEX approval_file_by_day ON approval_file (unit_id, handed_in_at);

-- Minutes as they were drawn: an edition for each state of an ended case's history, and never another for the same.
CREATE TABLE approval_minutes (
    id BYTES NOT NULL PRIMARY KEY,
    case_id BYTES NOT NULL REFERENCES approval_case (id),
    language TEXT NOT NULL,
    edition BIGINT NOT NULL,
    sha256 BYTES NOT NULL,
    bytes_sealed BYTES NOT NULL,
    drawn_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX approval_minutes_by_case ON approval_minutes (case_id, language, edition);
