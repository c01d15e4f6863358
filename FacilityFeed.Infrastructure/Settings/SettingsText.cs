using System.Text;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>The text of a file that holds settings. Only UTF-8: to guess at other bytes would change a password without a word.</summary>
internal static class SettingsText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Null when it cannot be read; <paramref name="reason"/> says why.</returns>
    public static string? Read(string path, out string reason)
    {
        reason = "";
        try
        {
            return _strict.GetString(File.ReadAllBytes(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            reason = unreadable switch
            {
                _ when Directory.Exists(path) => "it is a folder",
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException => "no permission",
                DecoderFallbackException => "it is not UTF-8 text",
                _ => unreadable.Message,
            };
            return null;
        }
    }
}
