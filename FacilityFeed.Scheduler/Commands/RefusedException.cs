namespace FacilityFeed.Scheduler.Commands;

/// <summary>What a command was asked for cannot be; nothing was changed. The message says why and what to do, and the exit code is 1.</summary>
internal sealed class RefusedException(string message) : Exception(message);
