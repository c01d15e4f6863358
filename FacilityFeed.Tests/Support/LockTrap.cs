namespace FacilityFeed.Tests.Support;

/// <summary>
/// A trap in the state database: no transaction may make a job of a chunk while it holds a lock on the row of a run. Thousands of jobs take minutes
/// where the database is far away, and the attempt's own signs of life would wait for the row all that time.
/// </summary>
internal static class LockTrap
{
    // A row that the transaction has changed, or locked, carries its number.
    public static Task SetAsync(TestHost host) => host.State.ExecuteAsync("""
        CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.invocationdata::text LIKE '%ChunkJob%' AND EXISTS (SELECT FROM feed.run WHERE pg_current_xact_id()::xid::text IN (xmin::text, xmax::text)) THEN
                RAISE EXCEPTION 'a chunk''s job is made while the row of its run is locked';
            END IF;
            RETURN NEW;
        END
        $$;
        CREATE TRIGGER trap BEFORE INSERT ON hangfire.job FOR EACH ROW EXECUTE FUNCTION trap();
        """);
}
