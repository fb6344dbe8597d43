-- Passkeys (WebAuthn): a second factor beside the codes of an authenticator.

CREATE TABLE passkey (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    -- The address it was made for; browsers show it to no other.
    relying_party TEXT NOT NULL,
    -- What the authenticator calls it: random to us, no secret.
    credential_id BYTES NOT NULL UNIQUE,
    -- The public key; the private one never leaves the authenticator.
    public_key BYTES NOT NULL,
    -- The signature counter and whether copies may exist; written at each use.
    state BYTES NOT NULL,
    -- How the browser reaches the authenticator, as bits.
    transports BIGINT NOT NULL,
    -- What its owner calls it; may name a person.
    name_sealed BYTES NOT NULL,
    registered_at BIGINT NOT NULL,
    last_used_at BIGINT
) CLUSTERED;
CREATE INDEX passkey_of_actor ON passkey (actor_id, registered_at);

-- A question put to an authenticator and not answered yet: at most one for each user and purpose, and each is asked once.
CREATE TABLE passkey_challenge (
    actor_id BYTES NOT NULL REFERENCES actor (id),
    purpose TEXT NOT NULL,
    state BYTES NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, purpose)
) CLUSTERED;
