-- What deciding about held lines and refunds keeps beside the rows of 0002.
-- The number under which a held line comes in as a gift of its own; set before the intake is asked, so that a
-- decision that was cut off goes on with the same number.
ALTER TABLE gift_review ADD COLUMN accepted_trade_no TEXT;
ALTER TABLE gift_review ADD COLUMN dismissal TEXT;

-- The key under which a refund was asked for, and the journal that booked it.
ALTER TABLE gift_refund ADD COLUMN request_key TEXT;
ALTER TABLE gift_refund ADD COLUMN journal_id BYTES;
CREATE UNIQUE INDEX gift_refund_by_key ON gift_refund (unit_id, request_key);
