-- How often Hangfire gave a job up without the ledger's word and it was replaced, and how often an attempt ended without a word, both since
-- planning or the last redrive; and which server did not know what the job calls, since then: one of another version. Constants, so that no row is written.
ALTER TABLE feed.chunk
    ADD COLUMN replacements integer NOT NULL DEFAULT 0,
    ADD COLUMN losses       integer NOT NULL DEFAULT 0,
    ADD COLUMN refused_by   text;
ALTER TABLE feed.run
    ADD COLUMN plan_replacements     integer NOT NULL DEFAULT 0,
    ADD COLUMN plan_losses           integer NOT NULL DEFAULT 0,
    ADD COLUMN plan_refused_by       text,
    ADD COLUMN manifest_replacements integer NOT NULL DEFAULT 0,
    ADD COLUMN manifest_losses       integer NOT NULL DEFAULT 0,
    ADD COLUMN manifest_refused_by   text;
