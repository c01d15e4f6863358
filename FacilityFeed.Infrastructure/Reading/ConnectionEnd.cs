using System.Data.Common;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Gives a connection back to its pool, whatever its driver was told.</summary>
internal static class ConnectionEnd
{
    /// <summary>
    /// Over an answer that is none Npgsql may believe a command still in progress and refuse to close, which costs the pool that place for good: after a
    /// hundred of them nothing is read any more. What is broken it does give back.
    /// </summary>
    public static async Task CloseAsync(DbConnection connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception)
        {
            await BreakAsync(connection);
        }
        finally
        {
            LargeBuffers.Forget();
        }
    }

    // Never throws: what went wrong before is on its way to the caller.
    private static async Task BreakAsync(DbConnection connection)
    {
        try
        {
            HangUp.Break(connection);
            await connection.DisposeAsync();
        }
        catch (Exception)
        {
            // It says that it is broken, which we know.
        }
    }
}
