-- Fitted sets by a child's size (M-22). Names of children and guardians are sealed; the masked name stands beside.
CREATE TABLE partner_child_list (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    agreement_id BYTES NOT NULL,
    list_key TEXT NOT NULL,
    title TEXT NOT NULL,
    school TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    closed_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX partner_child_list_once ON partner_child_list (unit_id, list_key);

CREATE TABLE partner_child (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    list_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    name_shown TEXT NOT NULL,
    name_sealed BYTES NOT NULL,
    name_blind BYTES NOT NULL,
    grade TEXT NOT NULL,
    height_cm BIGINT NOT NULL CHECK (height_cm > 0),
    shoe_mm BIGINT NOT NULL CHECK (shoe_mm > 0),
    garment BIGINT NOT NULL,
    shoe BIGINT NOT NULL,
    guardian_sealed BYTES NOT NULL,
    consented_on BIGINT NOT NULL,
    withdrawn_at BIGINT,
    outcome TEXT NOT NULL,
    words TEXT NOT NULL,
    proof TEXT,
    proof_file_id BYTES,
    handed_by BYTES,
    handed_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX partner_child_place ON partner_child (list_id, n);
CREATE UNIQUE INDEX partner_child_once ON partner_child (list_id, name_blind);
