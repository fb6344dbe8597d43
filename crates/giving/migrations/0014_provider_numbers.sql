-- A bill that is imported by hand names payments by the provider's numbers.
CREATE INDEX payment_attempt_by_provider_no ON payment_attempt (unit_id, account_id, provider_no)
    WHERE provider_no IS NOT NULL;
