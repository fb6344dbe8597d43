-- Most who react to facts look at no gift, and on a giving day nearly every fact is one: they find theirs without reading those.
-- On PostgreSQL a fact's place stands in a table of its own, and the few are picked out while both are joined.
--! sqlite
CREATE INDEX fact_but_gifts ON fact (place) WHERE kind <> 'gift.confirmed';
--! both
