-- Who gave, as a mark, so that several gifts of one payer are no crowd; gone with the row when the entry enters the log.
ALTER TABLE log_held ADD COLUMN payer BYTES;
