-- The ledger: what each run planned and what each chunk proved it did. It is the history; Hangfire's job rows expire.

CREATE TABLE feed.run (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed                  text NOT NULL,            -- key of the feed
    name                  text NOT NULL,            -- the partner's name of the feed
    run_key               text NOT NULL,            -- a trigger executed twice has the same key
    recipe                text NOT NULL,            -- source and place it was triggered for; every worker compares its own
    origin                text NOT NULL,            -- who asked: schedule or command
    state                 text NOT NULL CHECK (state IN ('planning', 'running', 'publishing', 'published', 'unchanged', 'held',
                              'failed', 'cancelled', 'superseded', 'discarded', 'skipped')),
    reason                text,                     -- why it is held, failed, skipped or waiting
    active_run_id         bigint REFERENCES feed.run (id), -- a skipped run: the run it met
    requested_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at           timestamptz,
    generation_timestamp  bigint,                   -- Unix seconds; rises with every run of the feed
    chunk_size            integer,
    chunk_count           integer,
    planned_rows          bigint,
    remaining             integer,                  -- chunks not settled yet; the one that takes it to zero makes the manifest job
    plan_job_id           text,
    manifest_job_id       text,
    manifest_attempt      integer NOT NULL DEFAULT 0, -- fencing: only the newest attempt counts
    manifest              text,                     -- name of the manifest
    manifest_sha256       text,
    published_at          timestamptz               -- the alias is visible
);

CREATE UNIQUE INDEX run_one_trigger ON feed.run (feed, run_key);
CREATE UNIQUE INDEX run_one_active ON feed.run (feed) WHERE state IN ('planning', 'running', 'publishing');
CREATE UNIQUE INDEX run_one_generation ON feed.run (feed, generation_timestamp);

CREATE TABLE feed.chunk (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id        bigint NOT NULL REFERENCES feed.run (id) ON DELETE CASCADE,
    number        integer NOT NULL,                 -- from 1
    first_id      bigint NOT NULL,                  -- key range, both ends included
    last_id       bigint NOT NULL,
    planned_rows  bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('planned', 'running', 'done', 'failed')),
    job_id        text NOT NULL,                    -- the one job that may work on it
    attempt       integer NOT NULL DEFAULT 0,       -- fencing: only the newest attempt counts
    heartbeat_at  timestamptz,
    started_at    timestamptz,
    finished_at   timestamptz,
    is_reopened   boolean NOT NULL DEFAULT false,   -- its object was missing once already
    rows_read     bigint,
    records       bigint,
    rejected      bigint,
    object_name   text,                             -- null: no records, so no shard
    bytes         bigint,
    sha256        text,
    error         text,                             -- why the last attempt did not work
    UNIQUE (run_id, number)
);

CREATE INDEX chunk_job ON feed.chunk (job_id);

-- The audit trail. Written by a trigger, so that no change of state can be forgotten, whatever made it.
CREATE TABLE feed.run_event (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id  bigint NOT NULL REFERENCES feed.run (id) ON DELETE CASCADE,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    event   text NOT NULL,
    detail  text
);

CREATE INDEX run_event_run ON feed.run_event (run_id);

CREATE FUNCTION feed.note_run_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed.run_event (run_id, event, detail) VALUES (NEW.id, NEW.state, NEW.reason);
    RETURN NULL;
END
$$;

CREATE TRIGGER run_began AFTER INSERT ON feed.run FOR EACH ROW EXECUTE FUNCTION feed.note_run_state();
CREATE TRIGGER run_moved AFTER UPDATE OF state ON feed.run FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION feed.note_run_state();

-- What a person asks about a run, in one row.
CREATE VIEW feed.run_overview AS
SELECT r.*,
       coalesce(c.done, 0) AS chunks_done, coalesce(c.failed, 0) AS chunks_failed, coalesce(c.shards, 0) AS shards,
       coalesce(c.records, 0) AS records, coalesce(c.rejected, 0) AS rejected, coalesce(c.bytes, 0) AS bytes
FROM feed.run r
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed, count(object_name) AS shards,
           sum(records)::bigint AS records, sum(rejected)::bigint AS rejected, sum(bytes)::bigint AS bytes
    FROM feed.chunk WHERE run_id = r.id) c ON true;
