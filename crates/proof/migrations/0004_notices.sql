-- Notices (公示): what a unit tells the public, one row for each version. A correction is a row of its own that names the
-- version before it and keeps its number; what was published is never changed, only marked corrected or withdrawn.
CREATE TABLE notice (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    campaign_id BYTES,
    project_id BYTES,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    title_en TEXT NOT NULL,
    body_en TEXT NOT NULL,
    version BIGINT NOT NULL,
    corrects_id BYTES,
    state TEXT NOT NULL,
    year BIGINT,
    number BIGINT,
    sha256 BYTES,
    published_at BIGINT,
    published_fact_id BYTES,
    corrected_by_id BYTES,
    ended_at BIGINT,
    end_reason TEXT,
    created_by BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK ((version = 1) = (corrects_id IS NULL)),
    CHECK ((number IS NULL) = (year IS NULL) AND (number IS NULL) = (sha256 IS NULL) AND (number IS NULL) = (published_at IS NULL)),
    CHECK (state IN ('draft', 'dropped') OR number IS NOT NULL)
) ROWS;
CREATE UNIQUE INDEX notice_by_number ON notice (unit_id, year, number, version);
CREATE INDEX notice_by_unit ON notice (unit_id, published_at, id);
CREATE INDEX notice_by_project ON notice (project_id, published_at);
CREATE INDEX notice_by_campaign ON notice (campaign_id, published_at);
-- A version has one correction under way or published.
CREATE INDEX notice_by_corrected ON notice (corrects_id);

-- The last number of each unit and year: gapless, given by the reaction that publishes, alone.
CREATE TABLE notice_series (
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) CLUSTERED;

-- Files of a notice, in their order, open to everybody once it is published. A correction names its own.
CREATE TABLE notice_file (
    notice_id BYTES NOT NULL REFERENCES notice (id),
    position BIGINT NOT NULL,
    file_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    media_type TEXT NOT NULL,
    length BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (notice_id, sha256)
) CLUSTERED;
