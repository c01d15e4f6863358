-- With which number a statement writes (see Protocol.cs), and which one each run was begun with. Neither rewrites the table.
ALTER TABLE feed.run
    ADD COLUMN protocol integer NOT NULL DEFAULT 1,
    ADD COLUMN writer integer;
ALTER TABLE feed.chunk ADD COLUMN writer integer;

-- The highest protocol that a feed has had a run of. It outlives the runs; a feed that is not here has had none above 1.
CREATE TABLE feed.protocol (
    feed    text PRIMARY KEY,
    number  integer NOT NULL
);

-- The statement says its number, and not the session: behind PgBouncer a session is anybody's. A build that knows of no number says none, which
-- counts as 1. The code is of no class that anybody takes for permanent: who is refused tries again, and a build that may comes by meanwhile.
CREATE FUNCTION feed.check_run_writer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    says integer := coalesce(NEW.writer, 1);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF says < OLD.protocol THEN
            PERFORM feed.refuse_writer(OLD.id, OLD.feed, OLD.protocol, NEW.writer);
        END IF;
    ELSE
        IF says < (SELECT number FROM feed.protocol WHERE feed = NEW.feed) THEN
            RAISE EXCEPTION USING ERRCODE = 'WP001', MESSAGE = format(
                'feed %s has had a run of protocol %s, and this one would be of protocol %s: begin it with a build that knows the higher one; to go back to an older build, '
                'end the active runs with the newer one, stop it, then SELECT feed.go_back(%s) in the state database',
                NEW.feed, (SELECT number FROM feed.protocol WHERE feed = NEW.feed), says, says);
        END IF;
        NEW.protocol := says;
    END IF;
    NEW.writer := NULL;
    RETURN NEW;
END
$$;

CREATE FUNCTION feed.check_chunk_writer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_run record;
BEGIN
    SELECT feed, protocol INTO of_run FROM feed.run WHERE id = NEW.run_id;
    IF coalesce(NEW.writer, 1) < of_run.protocol THEN
        PERFORM feed.refuse_writer(NEW.run_id, of_run.feed, of_run.protocol, NEW.writer);
    END IF;
    NEW.writer := NULL;
    RETURN NEW;
END
$$;

CREATE FUNCTION feed.refuse_writer(run_id bigint, feed text, needed integer, writer integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'WP001', MESSAGE = format(
        'run %s of feed %s is of protocol %s, and this statement names %s: only a build that knows protocol %s may change it; by hand: SET writer = %s, ...',
        run_id, feed, needed, coalesce(writer::text, 'none'), needed, needed);
END
$$;

-- After the insert, for one that met another run (ON CONFLICT DO NOTHING) has begun nothing.
CREATE FUNCTION feed.note_protocol() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feed.protocol (feed, number) VALUES (NEW.feed, NEW.protocol)
    ON CONFLICT (feed) DO UPDATE SET number = EXCLUDED.number WHERE protocol.number < EXCLUDED.number;
    RETURN NULL;
END
$$;

-- Deleting is free: only a person forgets a feed, and pruning has rules of its own.
CREATE TRIGGER run_writer BEFORE INSERT OR UPDATE ON feed.run FOR EACH ROW EXECUTE FUNCTION feed.check_run_writer();
CREATE TRIGGER run_protocol AFTER INSERT ON feed.run FOR EACH ROW WHEN (NEW.protocol > 1 AND NEW.state <> 'skipped') EXECUTE FUNCTION feed.note_protocol();
CREATE TRIGGER chunk_writer BEFORE INSERT OR UPDATE ON feed.chunk FOR EACH ROW EXECUTE FUNCTION feed.check_chunk_writer();

-- What a person calls who goes back to a build that knows no protocol above this one. What the runs have recorded stays as it is.
CREATE FUNCTION feed.go_back(to_protocol integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    active bigint;
    waiting bigint;
    changed bigint;
BEGIN
    SELECT id INTO active FROM feed.run WHERE state IN ('planning', 'running', 'publishing') ORDER BY id LIMIT 1;
    IF active IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'WP002', MESSAGE = format('run %s is active, and its jobs may be in queues that an older build does not serve: let the newer build end it (or ./run cancel %s), stop that build, and try again', active, active);
    END IF;
    SELECT count(*) INTO waiting FROM hangfire.job WHERE statename IN ('Enqueued', 'Scheduled', 'Processing') AND substring(invocationdata::text FROM '"(?:feed|shards|ahead)([0-9]{1,9})-')::integer > to_protocol;
    IF waiting > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'WP002', MESSAGE = format('%s jobs wait in queues of the newer build, which no older one serves: let the newer build run them (or delete them in the dashboard), stop that build, and try again', waiting);
    END IF;
    UPDATE feed.protocol SET number = to_protocol WHERE number > to_protocol;
    UPDATE feed.run SET protocol = to_protocol, writer = protocol WHERE protocol > to_protocol;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN format('%s runs are of protocol %s now', changed, to_protocol);
END
$$;
