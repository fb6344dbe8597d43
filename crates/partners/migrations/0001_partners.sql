-- Partner regions (M-22): whom we stand beside, visits, needs, agreements with targets, purchases with quotes, payments.
-- No figure of progress is kept anywhere: it is asked of the books and of the goods each time.

-- Files handed in for a record: minutes, photographs, signed papers, quotes, invoices. Bytes are sealed.
CREATE TABLE partner_file (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    file_id BYTES NOT NULL,
    sha256 BYTES NOT NULL,
    media_type TEXT NOT NULL,
    length BIGINT NOT NULL,
    secret_wrapped BYTES NOT NULL,
    handed_by BYTES NOT NULL,
    handed_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_file_once ON partner_file (unit_id, sha256);

CREATE TABLE partner_region (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    region TEXT NOT NULL,
    society TEXT NOT NULL,
    contact_shown TEXT NOT NULL,
    contact_sealed BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_region_once ON partner_region (unit_id, region);

CREATE TABLE partner_visit (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    region_id BYTES NOT NULL,
    visit_key TEXT NOT NULL,
    way TEXT NOT NULL,
    day BIGINT NOT NULL,
    people BIGINT NOT NULL CHECK (people > 0),
    minutes TEXT NOT NULL,
    written_by BYTES NOT NULL,
    written_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_visit_once ON partner_visit (unit_id, visit_key);
CREATE INDEX partner_visit_by_region ON partner_visit (region_id, day);

CREATE TABLE partner_visit_file (
    visit_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    file_id BYTES NOT NULL,
    PRIMARY KEY (visit_id, n)
) CLUSTERED;

-- What was found to be needed, at which visit. Money in fen, goods by quantity, children by their number.
CREATE TABLE partner_need (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    region_id BYTES NOT NULL,
    visit_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    amount_fen BIGINT,
    unit_word TEXT NOT NULL,
    quantity BIGINT,
    withdrawn_at BIGINT,
    withdrawn_why TEXT
) CLUSTERED;
CREATE UNIQUE INDEX partner_need_once ON partner_need (visit_id, n);
CREATE INDEX partner_need_by_region ON partner_need (region_id, id);

CREATE TABLE partner_agreement (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    region_id BYTES NOT NULL,
    agreement_key TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    signed_on BIGINT,
    signed_file_id BYTES,
    signed_by BYTES,
    ended_on BIGINT,
    ended_why TEXT
) CLUSTERED;
CREATE UNIQUE INDEX partner_agreement_once ON partner_agreement (unit_id, agreement_key);
CREATE INDEX partner_agreement_by_region ON partner_agreement (region_id, id);

-- What an agreement says, version by version; none is ever changed.
CREATE TABLE partner_agreement_version (
    agreement_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    reason TEXT NOT NULL,
    file_id BYTES,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (agreement_id, version)
) CLUSTERED;

CREATE TABLE partner_pair (
    agreement_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    ours TEXT NOT NULL,
    theirs TEXT NOT NULL,
    PRIMARY KEY (agreement_id, version, ours)
) CLUSTERED;
CREATE UNIQUE INDEX partner_pair_theirs ON partner_pair (agreement_id, version, theirs);

CREATE TABLE partner_target (
    agreement_id BYTES NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    target_fen BIGINT NOT NULL CHECK (target_fen > 0),
    PRIMARY KEY (agreement_id, version, kind, year)
) CLUSTERED;

-- Money ordered to be paid under an agreement: proposed by one, booked by another. What it came to is the journal's to say.
CREATE TABLE partner_payment (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES NOT NULL,
    payment_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    fund_id BYTES NOT NULL,
    restriction TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    purpose TEXT NOT NULL,
    purchase_id BYTES,
    state TEXT NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    paid_by BYTES,
    paid_at BIGINT,
    journal_id BYTES
) CLUSTERED;
CREATE UNIQUE INDEX partner_payment_once ON partner_payment (unit_id, payment_key);
CREATE UNIQUE INDEX partner_payment_number ON partner_payment (unit_id, year, number);
CREATE UNIQUE INDEX partner_payment_journal ON partner_payment (journal_id);
CREATE INDEX partner_payment_by_agreement ON partner_payment (agreement_id, id);

-- Goods sent under an agreement: which dispatch order. What it was worth is the goods' to say. One order, one agreement.
CREATE TABLE partner_dispatch (
    dispatch_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES NOT NULL,
    linked_by BYTES NOT NULL,
    linked_at BIGINT NOT NULL
) CLUSTERED;
CREATE INDEX partner_dispatch_by_agreement ON partner_dispatch (agreement_id, linked_at);

-- Running numbers of this crate's papers.
CREATE TABLE partner_series (
    unit_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (unit_id, kind, year)
) CLUSTERED;

-- Whom we buy from. The owner is kept only as a blind index: two suppliers of one owner give no two quotes.
CREATE TABLE partner_supplier (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    owner_shown TEXT NOT NULL,
    owner_blind BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL
) CLUSTERED;
CREATE UNIQUE INDEX partner_supplier_once ON partner_supplier (unit_id, code);

-- Who of us is bound to a supplier, as declared; it stands until it is lifted.
CREATE TABLE partner_tie (
    supplier_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    words TEXT NOT NULL,
    declared_by BYTES NOT NULL,
    declared_at BIGINT NOT NULL,
    PRIMARY KEY (supplier_id, actor_id)
) CLUSTERED;

CREATE TABLE partner_purchase (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES NOT NULL,
    need_id BYTES,
    list_id BYTES,
    purchase_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    item TEXT NOT NULL,
    spec TEXT NOT NULL,
    unit_word TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL,
    asked_by BYTES NOT NULL,
    asked_on BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    few_why TEXT,
    few_asked_by BYTES,
    few_approved_by BYTES,
    chosen_n BIGINT,
    chosen_why TEXT,
    chosen_by BYTES,
    chosen_at BIGINT,
    year BIGINT,
    number BIGINT,
    ordered_by BYTES,
    ordered_at BIGINT,
    due_on BIGINT,
    invoice_no TEXT,
    invoice_file_id BYTES,
    payment_id BYTES,
    called_off_why TEXT
) CLUSTERED;
CREATE UNIQUE INDEX partner_purchase_once ON partner_purchase (unit_id, purchase_key);
CREATE INDEX partner_purchase_by_agreement ON partner_purchase (agreement_id, id);
CREATE UNIQUE INDEX partner_purchase_list ON partner_purchase (list_id);

-- Quotes are never changed; a wrong one is struck.
CREATE TABLE partner_quote (
    purchase_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    supplier_id BYTES NOT NULL,
    price_fen BIGINT NOT NULL CHECK (price_fen > 0),
    file_id BYTES NOT NULL,
    collected_by BYTES NOT NULL,
    collected_at BIGINT NOT NULL,
    struck_at BIGINT,
    struck_why TEXT,
    PRIMARY KEY (purchase_id, n)
) CLUSTERED;

-- Received by two: each signs for what she counted.
CREATE TABLE partner_receipt (
    purchase_id BYTES NOT NULL,
    actor_id BYTES NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    words TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (purchase_id, actor_id)
) CLUSTERED;
