-- Amendments of signed agreements that a case of the approvals decides. What one says is never changed; one waits at most.
CREATE TABLE partner_amendment (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES NOT NULL,
    amendment_key TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    terms TEXT NOT NULL,
    reason TEXT NOT NULL,
    file_id BYTES NOT NULL,
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    decided_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX partner_amendment_once ON partner_amendment (unit_id, amendment_key);
CREATE UNIQUE INDEX partner_amendment_waiting ON partner_amendment (unit_id, agreement_id) WHERE state = 'asked';
CREATE INDEX partner_amendment_by_agreement ON partner_amendment (agreement_id, id);
