-- The books: one account per combination of dimensions, postings that are never changed, balances per posting day.
-- `project_id` of 16 zero bytes means "no project", `fund_id` of 16 zero bytes "the unit's general money": a NULL
-- would slip through the unique key.
CREATE TABLE book_account (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL,
    fund_id BYTES NOT NULL,
    project_id BYTES NOT NULL,
    campaign_id BYTES,
    restriction TEXT NOT NULL CHECK (restriction IN ('restricted', 'unrestricted', 'none')),
    UNIQUE (unit_id, code, fund_id, project_id)
) CLUSTERED;

-- What every journal but a gift's keeps beside its postings: who, why, and the request it answered.
CREATE TABLE journal (
    unit_id BYTES NOT NULL,
    id BYTES NOT NULL,
    kind TEXT NOT NULL,
    memo_code TEXT,
    created_at BIGINT NOT NULL,
    actor_id BYTES,
    reverses BYTES,
    request_key TEXT,
    request TEXT,
    PRIMARY KEY (unit_id, id),
    UNIQUE (unit_id, reverses),
    UNIQUE (unit_id, request_key)
) CLUSTERED;

-- Signed amounts: debit above zero, credit below. The journal's id carries the moment of booking, so a range of
-- posting days is a range of this key and no second index is paid for on the hot path.
CREATE TABLE posting (
    journal_id BYTES NOT NULL,
    line BIGINT NOT NULL,
    account_id BYTES NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen <> 0),
    kind TEXT NOT NULL,
    posting_day BIGINT NOT NULL,
    business_day BIGINT NOT NULL,
    PRIMARY KEY (journal_id, line)
) CLUSTERED;

-- Turnover per account and posting day, kept in the transaction of the postings.
CREATE TABLE book_balance (
    unit_id BYTES NOT NULL,
    account_id BYTES NOT NULL,
    day BIGINT NOT NULL,
    debit_fen BIGINT NOT NULL,
    credit_fen BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (unit_id, account_id, day)
) CLUSTERED;

--! sqlite
CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never changed'); END;
CREATE TRIGGER posting_no_delete BEFORE DELETE ON posting BEGIN SELECT RAISE(ABORT, 'postings are never deleted'); END;
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never changed'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never deleted'); END;
--! postgres
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION refuse_change();
--! both
