using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Closes the socket under a driver's connection. Neither driver can be told to stop reading what a server never stops sending: a time-out begins
/// anew with every byte, and closing a connection reads to the end of the answer first. Both keep their socket to themselves.
/// </summary>
internal static class HangUp
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Nothing when the connection is not open, or when a driver has renamed what is looked for: its work is left alone then.</summary>
    public static void On(DbConnection? connection)
    {
        var socket = connection is NpgsqlConnection ? Held(Held(connection, "Connector"), "_socket") : Held(Held(connection, "m_session"), "m_socket");
        (socket as Socket)?.Dispose();
    }

    /// <summary>Has the driver itself give a connection up, over which nothing is under way any more; as <see cref="On"/> for a driver that has no such thing.</summary>
    public static void Break(DbConnection connection)
    {
        On(connection);
        if (connection is NpgsqlConnection && Held(connection, "Connector") is { } connector && connector.GetType().GetMember("Break", MemberTypes.Method, Hidden).Length == 1)
        {
            connector.GetType().InvokeMember("Break", Hidden | BindingFlags.InvokeMethod | BindingFlags.OptionalParamBinding, null, connector, [new IOException("the connection was given up")], CultureInfo.InvariantCulture);
        }
    }

    private static object? Held(object? holder, string name)
    {
        return holder?.GetType() is { } type ? type.GetField(name, Hidden)?.GetValue(holder) ?? type.GetProperty(name, Hidden)?.GetValue(holder) : null;
    }
}
