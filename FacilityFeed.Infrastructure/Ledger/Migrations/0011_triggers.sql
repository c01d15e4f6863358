-- Triggers by hand. Each is a row before it is a job, so that one whose job is lost, or whose process was killed, is noticed and carried out all the same.
CREATE TABLE feed.trigger (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed          text NOT NULL,                    -- key of the feed
    origin        text NOT NULL,                    -- how it was asked for; its run has the same
    requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    job_id        text,                             -- the one job that may carry it out
    attempt       integer NOT NULL DEFAULT 0,
    replacements  integer NOT NULL DEFAULT 0,       -- jobs that were given to it in the place of one before
    taken_at      timestamptz,                      -- since when an attempt is at work; null: none is
    process       text,                             -- whose attempt it is, in the words of ProcessIdentity
    run_id        bigint REFERENCES feed.run (id) ON DELETE CASCADE, -- what came of it
    reason        text,                             -- why it started no run; before its end, the last repair
    ended_at      timestamptz
);

CREATE INDEX trigger_open ON feed.trigger (feed) WHERE ended_at IS NULL;
CREATE INDEX trigger_job ON feed.trigger (job_id);
CREATE INDEX trigger_run ON feed.trigger (run_id);
