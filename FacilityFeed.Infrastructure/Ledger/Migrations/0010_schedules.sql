-- The times at which schedules come due. Each ends in a run, or in a row that says why not: Hangfire's own entries forget one when they are registered anew.

CREATE TABLE feed.schedule (
    feed        text PRIMARY KEY,                    -- key of the feed
    cron        text NOT NULL,                       -- as it was registered last, by whatever service
    zone        text NOT NULL,                       -- id of its time zone
    since       timestamptz NOT NULL,                -- its times count from here, this moment left out
    changed_at  timestamptz,                         -- when another cron or zone took the place of an earlier one
    settled_to  timestamptz NOT NULL                 -- all times up to here are in feed.occurrence
);

CREATE TABLE feed.occurrence (
    feed          text NOT NULL,
    due_at        timestamptz NOT NULL,              -- of a gap: the last time of it
    first_due_at  timestamptz NOT NULL,              -- of a gap: the first time of it; otherwise the same
    count         bigint NOT NULL DEFAULT 1,         -- of a gap: how many times it has
    run_id        bigint REFERENCES feed.run (id) ON DELETE CASCADE, -- a run, also one that was skipped
    reason        text,                              -- why there is no run, or what it waits for
    decided_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (feed, due_at),
    CHECK (run_id IS NOT NULL OR reason IS NOT NULL),
    CHECK (count = 1 AND first_due_at = due_at OR count > 1 AND first_due_at < due_at AND run_id IS NULL)
);

CREATE INDEX occurrence_run ON feed.occurrence (run_id);

-- The time of the schedule that a waiting trigger belongs to; null: to none.
ALTER TABLE feed.pending_trigger ADD COLUMN due_at timestamptz;
