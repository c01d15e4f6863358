ALTER TABLE feed.run
    ADD COLUMN plan_attempt integer NOT NULL DEFAULT 0, -- fencing: only the newest attempt of the plan job counts
    ADD COLUMN entered_at timestamptz;                  -- first time in publishing; from then on its manifest may be visible

-- The audit trail knows it of earlier runs.
UPDATE feed.run SET entered_at = entered.at
FROM (SELECT run_id, min(at) AS at FROM feed.run_event WHERE event = 'publishing' GROUP BY run_id) entered
WHERE entered.run_id = run.id;

-- A trigger, for a service of an older version may be at work beside this one.
CREATE FUNCTION feed.note_entering() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.entered_at := coalesce(OLD.entered_at, clock_timestamp());
    RETURN NEW;
END
$$;

CREATE TRIGGER run_entered BEFORE UPDATE OF state ON feed.run FOR EACH ROW WHEN (NEW.state = 'publishing') EXECUTE FUNCTION feed.note_entering();

-- As before: r.* is what the table had when the view was made.
DROP VIEW feed.run_overview;

CREATE VIEW feed.run_overview AS
SELECT r.*,
       coalesce(c.done, 0) AS chunks_done, coalesce(c.failed, 0) AS chunks_failed, coalesce(c.shards, 0) AS shards,
       coalesce(c.records, 0) AS records, coalesce(c.rejected, 0) AS rejected, coalesce(c.bytes, 0) AS bytes
FROM feed.run r
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'failed') AS failed, count(object_name) AS shards,
           sum(records)::bigint AS records, sum(rejected)::bigint AS rejected, sum(bytes)::bigint AS bytes
    FROM feed.chunk WHERE run_id = r.id) c ON true;
