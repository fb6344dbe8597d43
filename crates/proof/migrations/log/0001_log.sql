-- The public log's own database: never restored from a backup, only rebuilt from what is published.

-- The tree as it was signed last; moved by compare-and-swap. One row.
CREATE TABLE log_head (
    id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    root BYTES NOT NULL,
    note TEXT NOT NULL
) CLUSTERED;

-- Every tree that was ever signed: never two roots for one size.
CREATE TABLE log_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTES NOT NULL,
    signed_at BIGINT NOT NULL
) CLUSTERED;

-- The entries as they are published.
CREATE TABLE log_leaf (
    idx BIGINT NOT NULL PRIMARY KEY,
    hash BYTES NOT NULL,
    bytes BYTES NOT NULL
) ROWS;

-- The hashes of full tiles, on the levels above the leaves.
CREATE TABLE log_node (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hash BYTES NOT NULL,
    PRIMARY KEY (level, idx)
) CLUSTERED;

-- Which fact stands where: alone (member is 0) or inside a bundle (its place there, from 1). A fact is logged once.
CREATE TABLE log_known (
    ident BYTES NOT NULL PRIMARY KEY,
    idx BIGINT NOT NULL,
    member BIGINT NOT NULL
) CLUSTERED;

-- Entries that wait: gifts of a project and day in which too few gave, and what speaks of a gift that waits.
CREATE TABLE log_held (
    ident BYTES NOT NULL PRIMARY KEY,
    waits_for BYTES,
    held_at BIGINT NOT NULL,
    bytes BYTES NOT NULL
) ROWS;

-- How many gifts, or matches, of a project and day stand alone in the log.
CREATE TABLE log_crowd (
    project TEXT NOT NULL,
    business_day BIGINT NOT NULL,
    is_match BIGINT NOT NULL,
    gifts BIGINT NOT NULL,
    PRIMARY KEY (project, business_day, is_match)
) CLUSTERED;
