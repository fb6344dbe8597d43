-- Where a place lies, for matching by distance; empty: where its unit is.
ALTER TABLE goods_place ADD COLUMN region_code TEXT NOT NULL DEFAULT '';
