-- What somebody else changed in how a person signs in, for her to see: “my work” shows it until she has. Of one person the
-- newest hundred are kept.
CREATE TABLE account_change (
    id BYTES NOT NULL PRIMARY KEY,
    actor_id BYTES NOT NULL REFERENCES actor (id),
    -- sso_linked, sso_unlinked.
    what TEXT NOT NULL,
    provider_id BYTES NOT NULL REFERENCES sso_provider (id),
    changed_by BYTES NOT NULL,
    changed_at BIGINT NOT NULL,
    seen_at BIGINT
) CLUSTERED;
CREATE INDEX account_change_of_actor ON account_change (actor_id, changed_at);
