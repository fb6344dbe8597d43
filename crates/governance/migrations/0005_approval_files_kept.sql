-- Whether somebody looked and found a case that names the file: then it stays. What no case names after some days goes.
ALTER TABLE approval_file ADD COLUMN is_kept BIGINT NOT NULL DEFAULT 0;
CREATE INDEX approval_file_by_kept ON approval_file (is_kept, handed_in_at);
