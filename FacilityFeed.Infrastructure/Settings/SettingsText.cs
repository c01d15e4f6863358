using System.Text;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>The text of a file that holds settings, without the mark that some editors put before it. Only UTF-8: to guess at other bytes would change a password without a word.</summary>
internal static class SettingsText
{
    /// <summary>U+FEFF, the byte order mark: no part of any value that it stands before.</summary>
    public const char Mark = '\uFEFF';

    /// <summary>Most bytes of <c>.env</c> and <c>appsettings.json</c>.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>Most bytes of a file that holds one value.</summary>
    public const int MostSecretBytes = 64 * 1024;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>Null when it cannot be read; <paramref name="reason"/> says why.</returns>
    public static string? Read(string path, int most, out string reason)
    {
        reason = "";
        try
        {
            var bytes = RegularFile.ReadAll(path, most);
            // Without a mark, UTF-16 is valid UTF-8 with NULs, which no password and no setting can hold.
            if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || bytes.Contains((byte)0))
            {
                reason = "it is not UTF-8 but UTF-16 text, or no text at all: save it as UTF-8";
                return null;
            }

            return _strict.GetString(bytes).TrimStart(Mark);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or DecoderFallbackException or FormatException)
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
