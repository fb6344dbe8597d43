-- How far the public log has read the facts. It stands with the facts, so that a restored backup takes it back with
-- them; what is read again is known to the log's own database and is not written twice.
CREATE TABLE log_cursor (
    id BIGINT NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL,
    moved_at BIGINT NOT NULL
) CLUSTERED;
