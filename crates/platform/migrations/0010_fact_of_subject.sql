-- What happened to one thing, asked for by whoever opens its panel and by the public log for every refund, is not looked for among
-- everybody's gifts. Ids grow with time, so that what comes in is written at the end of the index.
CREATE INDEX fact_of_subject ON fact (subject_id);
