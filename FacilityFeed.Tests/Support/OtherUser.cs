namespace FacilityFeed.Tests.Support;

/// <summary>A second user of the machine, with no rights of its own. Only root may act as it.</summary>
internal static class OtherUser
{
    /// <summary>The user <c>nobody</c>, by number: its group has different names.</summary>
    public const string Id = "65534";

    /// <summary>Runs a program as that user.</summary>
    /// <exception cref="InvalidOperationException">It failed; what it printed is in the message.</exception>
    public static Task<string> RunAsync(string program, params IEnumerable<string> arguments) =>
        Tool.RunAsync("setpriv", [$"--reuid={Id}", $"--regid={Id}", "--clear-groups", program, .. arguments]);

    /// <summary>That it may not, by the system's word; where the tests are no root, that the mode of <paramref name="path"/> gives it nothing.</summary>
    public static void AssertDenied(string path, string program, params IEnumerable<string> arguments)
    {
        const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.That(File.GetUnixFileMode(path) & Others, Is.EqualTo(UnixFileMode.None), path);
        if (Environment.IsPrivilegedProcess)
        {
            Assert.That(() => RunAsync(program, arguments), Throws.InstanceOf<InvalidOperationException>().With.Message.Contains("Permission denied"), path);
        }
    }
}
