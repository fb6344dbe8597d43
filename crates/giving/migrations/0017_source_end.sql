-- A village, shop or firm that is there no more is ended with a reason: it is no longer known, and what it gave stays.
ALTER TABLE giving_source ADD COLUMN ended_at BIGINT;
ALTER TABLE giving_source ADD COLUMN ended_by BYTES;
ALTER TABLE giving_source ADD COLUMN end_reason TEXT;
