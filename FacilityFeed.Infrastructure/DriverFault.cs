using System.Diagnostics;
using System.Reflection;

namespace FacilityFeed.Infrastructure;

/// <summary>What a server's driver says and throws when an answer is not what its protocol promises: anything, for it has no exception of its own for that.</summary>
internal static class DriverFault
{
    /// <summary>
    /// Whether <paramref name="failure"/> was thrown within <paramref name="driver"/>, so that the server is its cause. What our own code throws without
    /// the driver's help is a bug of ours and stays one.
    /// </summary>
    public static bool IsOf(Assembly driver, Exception failure) =>
        failure is not OperationCanceledException && !IsPoolClosed(failure) && (IsThrownIn(driver, failure) || (failure.InnerException is { } inner && IsOf(driver, inner)));

    // By ourselves, and too early.
    private static bool IsPoolClosed(Exception failure) => failure is ObjectDisposedException closed && closed.ObjectName.EndsWith("DataSource", StringComparison.Ordinal);

    private static bool IsThrownIn(Assembly driver, Exception failure) =>
        new StackTrace(failure).GetFrames().Any(frame => frame.GetMethod()?.DeclaringType?.Assembly == driver);
}

/// <summary>An answer is not what was asked for: no number where a number should stand, no row where there is always one.</summary>
/// <param name="message">What is wrong with it.</param>
internal sealed class UnreadableAnswerException(string message) : Exception(message);
