-- The signature as it was drawn with a finger, sealed as the name is; none where a name alone was written down.
ALTER TABLE goods_signature ADD COLUMN drawn_sealed BYTES;
