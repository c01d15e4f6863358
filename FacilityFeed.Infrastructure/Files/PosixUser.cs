using System.Runtime.InteropServices;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>Whom this process acts for.</summary>
internal static partial class PosixUser
{
    /// <summary>Effective user id.</summary>
    public static uint Id => EffectiveUser();

    /// <summary>Effective group id.</summary>
    public static uint Group => EffectiveGroup();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint EffectiveGroup();
}
