-- Who acts: persons and machines, their roles in units, their tokens.
CREATE TABLE actor (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    -- Real name and phone as sealed JSON; nothing when none was given or after erasure.
    personal_sealed BYTES,
    created_by BYTES NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;

-- A role is granted for a unit and all below it, and ended, never deleted.
CREATE TABLE role_binding (
    actor_id BYTES NOT NULL REFERENCES actor (id),
    unit_id BYTES NOT NULL,
    role TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    granted_by BYTES NOT NULL,
    ended_at BIGINT,
    ended_by BYTES,
    PRIMARY KEY (actor_id, unit_id, role, granted_at)
) CLUSTERED;
-- The same role in the same unit runs once at a time.
CREATE UNIQUE INDEX role_binding_running ON role_binding (actor_id, unit_id, role) WHERE ended_at IS NULL;

-- The token itself is never kept, only its hash.
CREATE TABLE api_token (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    hash BYTES NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_by BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- To the hour: enough to find forgotten tokens, cheap to keep.
    last_used_at BIGINT,
    revoked_at BIGINT,
    revoked_by BYTES
) CLUSTERED;
CREATE INDEX api_token_of_actor ON api_token (actor_id);
