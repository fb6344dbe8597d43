-- How people sign in: passwords, second factors, sessions, invitations; and roles lent for a leave.

-- The password in force and the last ones before it, which may not come back. Argon2id, sealed by the installation's key.
CREATE TABLE password (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    hash_sealed BYTES NOT NULL,
    set_at BIGINT NOT NULL,
    -- Nothing while it is in force.
    replaced_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX password_in_force ON password (actor_id) WHERE replaced_at IS NULL;
CREATE INDEX password_of_actor ON password (actor_id, set_at);

-- The shared secret of the codes an authenticator shows; a row is an enrolled factor.
CREATE TABLE second_factor (
    actor_id BYTES NOT NULL PRIMARY KEY REFERENCES actor (id),
    secret_sealed BYTES NOT NULL,
    enrolled_at BIGINT NOT NULL,
    -- The last step whose code was used: each code works once.
    last_step BIGINT NOT NULL
) CLUSTERED;

-- A secret that was shown and not confirmed by a code yet.
CREATE TABLE second_factor_offer (
    actor_id BYTES NOT NULL PRIMARY KEY REFERENCES actor (id),
    secret_sealed BYTES NOT NULL,
    offered_at BIGINT NOT NULL
) CLUSTERED;

-- Codes for a lost telephone, as keyed hashes.
CREATE TABLE recovery_code (
    actor_id BYTES NOT NULL REFERENCES actor (id),
    code_index BYTES NOT NULL,
    given_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (actor_id, code_index)
) CLUSTERED;

-- A browser that is signed in. The secret itself is only in its cookie.
CREATE TABLE signin_session (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    hash BYTES NOT NULL UNIQUE,
    started_at BIGINT NOT NULL,
    -- To the minute.
    last_seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Shortened: enough to know one's own office again.
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    revoked_at BIGINT,
    revoked_by BYTES
) CLUSTERED;
CREATE INDEX signin_session_of_actor ON signin_session (actor_id, started_at);

-- One link to choose a password; the secret itself is only in the link.
CREATE TABLE invitation (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    hash BYTES NOT NULL UNIQUE,
    given_by BYTES NOT NULL,
    given_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    accepted_at BIGINT,
    -- Another one took its place.
    withdrawn_at BIGINT
) CLUSTERED;
CREATE INDEX invitation_of_actor ON invitation (actor_id);

-- Failed tries by name and by address, under keyed hashes, whether the name exists or not.
CREATE TABLE signin_failure (
    key BYTES NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT
) CLUSTERED;
CREATE INDEX signin_failure_age ON signin_failure (last_at);

-- A role lent to another person from day to day; it holds only while its lender holds it.
CREATE TABLE delegation (
    id BYTES NOT NULL PRIMARY KEY,
    lender_id BYTES NOT NULL REFERENCES actor (id),
    actor_id BYTES NOT NULL REFERENCES actor (id),
    unit_id BYTES NOT NULL,
    role TEXT NOT NULL,
    from_day BIGINT NOT NULL,
    to_day BIGINT NOT NULL,
    given_at BIGINT NOT NULL,
    ended_at BIGINT,
    ended_by BYTES
) CLUSTERED;
CREATE INDEX delegation_of_actor ON delegation (actor_id);
CREATE INDEX delegation_of_lender ON delegation (lender_id);
