-- Whether an order is a month of a mandate: a matching rule may ask for monthly donors alone, and the intake knows the order.
ALTER TABLE gift_order ADD COLUMN monthly BIGINT NOT NULL DEFAULT 0 CHECK (monthly IN (0, 1));
UPDATE gift_order SET monthly = 1
    WHERE id IN (SELECT order_id FROM mandate_period WHERE order_id IS NOT NULL);
-- A past stream of gifts tells those of a mandate from the others.
CREATE INDEX mandate_period_by_gift ON mandate_period (gift_id) WHERE gift_id IS NOT NULL;
-- The sessions of one contact are ended when she is erased.
CREATE INDEX donor_session_by_contact ON donor_session (contact_index);
