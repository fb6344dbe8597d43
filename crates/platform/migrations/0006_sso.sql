-- Signing in with the account of another house: the providers, whose subjects are whose, who knocked.

-- A provider of identities. Its settings hold no secret; its secret is sealed.
CREATE TABLE sso_provider (
    id BYTES NOT NULL PRIMARY KEY,
    -- Stands in addresses; never changes.
    code TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    settings TEXT NOT NULL,
    secret_sealed BYTES NOT NULL,
    -- Whether the second factor it states is believed: never, stated.
    trust TEXT NOT NULL,
    is_on BIGINT NOT NULL,
    created_by BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) CLUSTERED;

-- A subject of a provider that is a user of ours. Ended, never deleted; what names the person goes with the end.
CREATE TABLE sso_link (
    id BYTES NOT NULL PRIMARY KEY,
    provider_id BYTES NOT NULL REFERENCES sso_provider (id),
    actor_id BYTES NOT NULL REFERENCES actor (id),
    subject_index BYTES NOT NULL,
    subject_sealed BYTES,
    linked_at BIGINT NOT NULL,
    linked_by BYTES NOT NULL,
    last_used_at BIGINT,
    ended_at BIGINT,
    ended_by BYTES
) CLUSTERED;
CREATE UNIQUE INDEX sso_link_of_subject ON sso_link (provider_id, subject_index) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX sso_link_of_actor ON sso_link (actor_id, provider_id) WHERE ended_at IS NULL;

-- A subject that was verified by its provider and is nobody here yet. Forgotten after a month.
CREATE TABLE sso_knock (
    id BYTES NOT NULL PRIMARY KEY,
    provider_id BYTES NOT NULL REFERENCES sso_provider (id),
    subject_index BYTES NOT NULL,
    -- What the person reads out to whoever looks after users.
    reference TEXT NOT NULL UNIQUE,
    subject_sealed BYTES NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    times BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX sso_knock_of_subject ON sso_knock (provider_id, subject_index);
CREATE INDEX sso_knock_age ON sso_knock (last_at);

-- States that came back, so that each comes back once. Forgotten when they would be too old anyway.
CREATE TABLE sso_used (
    state_hash BYTES NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX sso_used_age ON sso_used (used_at);

-- Sessions that began this way.
CREATE TABLE sso_session (
    session_id BYTES NOT NULL PRIMARY KEY,
    provider_id BYTES NOT NULL REFERENCES sso_provider (id),
    actor_id BYTES NOT NULL REFERENCES actor (id),
    -- The provider stated a second factor and is believed.
    has_factor BIGINT NOT NULL,
    started_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX sso_session_of_actor ON sso_session (actor_id, provider_id);
CREATE INDEX sso_session_of_provider ON sso_session (provider_id, started_at);
