-- The code in the sealed envelope: it opens the installation once, for an hour, when nobody who may is there.

CREATE TABLE break_glass (
    id BYTES NOT NULL PRIMARY KEY,
    -- The account as which it works; no person's.
    actor_id BYTES NOT NULL REFERENCES actor (id),
    code_index BYTES NOT NULL UNIQUE,
    made_at BIGINT NOT NULL,
    made_by BYTES NOT NULL,
    -- A newer code took its place.
    withdrawn_at BIGINT,
    used_at BIGINT,
    session_id BYTES,
    ends_at BIGINT,
    -- Why, in the words of whoever opened it; they may name a person.
    reason_sealed BYTES
) CLUSTERED;
