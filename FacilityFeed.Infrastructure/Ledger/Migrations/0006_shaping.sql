-- What shaping left out or changed, and what the guard judges.
ALTER TABLE feed.chunk
    ADD COLUMN warned      bigint,                   -- warnings; a record may have several
    ADD COLUMN json_bytes  bigint,                   -- length of the shard before it was compressed
    ADD CONSTRAINT chunk_adds_up CHECK (rows_read = records + rejected);

-- How often each reason was met in a chunk.
CREATE TABLE feed.chunk_reason (
    chunk_id     bigint NOT NULL REFERENCES feed.chunk (id) ON DELETE CASCADE,
    is_rejected  boolean NOT NULL,                   -- the records were left out; otherwise they went out changed
    field        text NOT NULL,
    reason       text NOT NULL,                      -- as in postal_code_missing
    count        bigint NOT NULL,
    PRIMARY KEY (chunk_id, is_rejected, reason)
);

-- Some of those records, to be looked at: so many rejected ones of a run, and a few warned ones of each reason.
CREATE TABLE feed.noted_record (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id       bigint NOT NULL REFERENCES feed.run (id) ON DELETE CASCADE,
    chunk_id     bigint NOT NULL REFERENCES feed.chunk (id) ON DELETE CASCADE,
    record_id    bigint NOT NULL,                    -- key in the source
    is_rejected  boolean NOT NULL,
    field        text NOT NULL,
    reason       text NOT NULL,
    value        text NOT NULL                       -- as it came, cut and escaped
);

CREATE INDEX noted_record_run ON feed.noted_record (run_id, is_rejected, reason);
CREATE INDEX noted_record_chunk ON feed.noted_record (chunk_id);

DROP VIEW feed.run_overview;

CREATE VIEW feed.run_overview AS
SELECT r.*,
       coalesce(c.done, 0) AS chunks_done, coalesce(c.failed, 0) AS chunks_failed, coalesce(c.shards, 0) AS shards,
       coalesce(c.rows_read, 0) AS rows_read, coalesce(c.records, 0) AS records, coalesce(c.rejected, 0) AS rejected, coalesce(c.warned, 0) AS warned,
       coalesce(c.bytes, 0) AS bytes
FROM feed.run r
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed, count(object_name) AS shards,
           sum(rows_read)::bigint AS rows_read, sum(records)::bigint AS records, sum(rejected)::bigint AS rejected, sum(warned)::bigint AS warned,
           sum(bytes)::bigint AS bytes
    FROM feed.chunk WHERE run_id = r.id) c ON true;
