-- Money of list two by case; goods sold with their proceeds; texts of tables mapped alike; the video of the window.

-- The case of the house's approvals that decides a grant, where the unit's policy demands one.
ALTER TABLE goods_grant ADD COLUMN case_id BYTES;

-- Goods that were sold: the movement, what they brought, and where that lies. The buyer is sealed. What is undone stays
-- with the movement back and the journal that took the money out again.
CREATE TABLE goods_sale (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    sale_key TEXT NOT NULL,
    lot_id BYTES NOT NULL,
    n BIGINT NOT NULL,
    place_id BYTES NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    fund_id BYTES NOT NULL,
    restriction TEXT NOT NULL,
    paid_into TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    buyer_shown TEXT NOT NULL,
    buyer_sealed BYTES NOT NULL,
    journal_id BYTES NOT NULL,
    sold_by BYTES NOT NULL,
    sold_at BIGINT NOT NULL,
    undone_n BIGINT,
    undone_journal_id BYTES,
    undone_by BYTES,
    undone_at BIGINT
) CLUSTERED;
CREATE UNIQUE INDEX goods_sale_once ON goods_sale (unit_id, sale_key);
CREATE INDEX goods_sale_by_move ON goods_sale (lot_id, n);

-- Texts of imported tables that were said to be one item, together; undone together.
CREATE TABLE goods_mapping (
    id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    item_id BYTES NOT NULL,
    made_by BYTES NOT NULL,
    made_at BIGINT NOT NULL,
    undone_at BIGINT
) CLUSTERED;
CREATE INDEX goods_mapping_by_unit ON goods_mapping (unit_id, id);

-- A text of it, and what it meant before.
CREATE TABLE goods_mapping_text (
    mapping_id BYTES NOT NULL,
    alias TEXT NOT NULL,
    before_id BYTES,
    PRIMARY KEY (mapping_id, alias)
) CLUSTERED;

-- Lines of imported lists of needs that became requests, each once.
CREATE TABLE goods_need_line (
    line_id BYTES NOT NULL PRIMARY KEY,
    unit_id BYTES NOT NULL,
    request_id BYTES NOT NULL
) CLUSTERED;

-- The video beside the public window of a unit's goods.
CREATE TABLE goods_window (
    unit_id BYTES NOT NULL PRIMARY KEY,
    video TEXT NOT NULL,
    set_by BYTES NOT NULL,
    set_at BIGINT NOT NULL
) CLUSTERED;
