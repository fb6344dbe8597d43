-- Docking (公募对接, 慈善法 26): bodies without the right to raise in public, and what must be there before one is named on a
-- campaign: the assessment, the agreement, its name in the filed plan, and an approved case.
CREATE TABLE partner (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    name TEXT NOT NULL,
    credit_code TEXT NOT NULL,
    created_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_by_code ON partner (unit_id, credit_code);

CREATE TABLE docking (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    partner_id BYTES NOT NULL REFERENCES partner (id),
    state TEXT NOT NULL,
    assessed_on BIGINT,
    conclusion TEXT,
    assessment_sha256 TEXT,
    agreement_no TEXT,
    signed_on BIGINT,
    agreement_sha256 TEXT,
    named_at BIGINT,
    ended_at BIGINT,
    end_reason TEXT,
    created_at BIGINT NOT NULL,
    CHECK ((assessed_on IS NULL) = (conclusion IS NULL) AND (assessed_on IS NULL) = (assessment_sha256 IS NULL)),
    CHECK ((agreement_no IS NULL) = (signed_on IS NULL) AND (agreement_no IS NULL) = (agreement_sha256 IS NULL))
) CLUSTERED;
-- One body once a campaign.
CREATE UNIQUE INDEX docking_by_partner ON docking (unit_id, campaign_id, partner_id);
CREATE INDEX docking_by_campaign ON docking (campaign_id, id);
