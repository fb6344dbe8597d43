-- A certificate: number and frozen data. Donor, amount and day stand in the gift, which never changes; what could
-- change (names, seal, colours) is frozen in its frame. unit_id is the issuing unit, in whose books the gift is.
CREATE TABLE certificate (
    unit_id BYTES NOT NULL,
    gift_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    frame_id BYTES NOT NULL,
    template_version BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (gift_id)
) CLUSTERED;
CREATE UNIQUE INDEX certificate_by_number ON certificate (unit_id, year, number);

-- The last number of each unit and year: gapless, given by the numbering reaction alone.
CREATE TABLE certificate_series (
    unit_id BYTES NOT NULL,
    year BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (unit_id, year)
) CLUSTERED;

-- What certificates of one unit and project have in common, frozen: its id is the hash of its body.
CREATE TABLE certificate_frame (
    id BYTES NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) CLUSTERED;

-- Bytes drawn when first asked for, sealed under the gift's secret: after erasure the hash stays.
CREATE TABLE certificate_paper (
    gift_id BYTES NOT NULL,
    format TEXT NOT NULL,
    sha256 BYTES NOT NULL,
    sealed BYTES NOT NULL,
    drawn_at BIGINT NOT NULL,
    PRIMARY KEY (gift_id, format)
) ROWS;
