-- What people decide about feeds and runs, and what is remembered for them.

CREATE TABLE feed.feed_pause (
    feed       text PRIMARY KEY,                     -- key of a feed whose schedule starts no run
    paused_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_by  text NOT NULL
);

CREATE TABLE feed.pending_trigger (
    feed          text PRIMARY KEY,                  -- at most one trigger of a feed waits
    run_key       text NOT NULL,
    origin        text NOT NULL,
    requested_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- When the store was searched for objects of the run that nothing names; null: not yet, or it can still go on.
ALTER TABLE feed.run ADD COLUMN swept_at timestamptz;

CREATE INDEX run_to_sweep ON feed.run (feed, finished_at) WHERE swept_at IS NULL AND generation_timestamp IS NOT NULL;
