-- How the public reaches a unit, told apart: a telephone that can be dialled, an address that can be found. `contact`
-- stays the free line beside them.
ALTER TABLE unit ADD COLUMN phone TEXT;
ALTER TABLE unit ADD COLUMN address TEXT;
