-- Which entries speak of a project, for the page that lists them: read off the entries, so it may be made anew any time.
CREATE TABLE log_trail (
    project TEXT NOT NULL,
    idx BIGINT NOT NULL,
    PRIMARY KEY (project, idx)
) CLUSTERED;

-- How many entries were looked through for it. One row.
CREATE TABLE log_trail_cursor (
    id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL
) CLUSTERED;
