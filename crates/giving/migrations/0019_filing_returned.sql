-- A filing that the authority returned: since when and why, while it is so. What was filed and returned stays, step by step.
ALTER TABLE campaign ADD COLUMN returned_on BIGINT;
ALTER TABLE campaign ADD COLUMN return_reason TEXT;

CREATE TABLE campaign_filing (
    campaign_id BYTES NOT NULL REFERENCES campaign (id),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    filing_no TEXT NOT NULL,
    authority TEXT NOT NULL,
    day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    plan_version BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, number)
) CLUSTERED;
CREATE INDEX campaign_filing_by_no ON campaign_filing (filing_no);
