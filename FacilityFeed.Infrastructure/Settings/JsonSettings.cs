using System.Text.Json;
using FacilityFeed.Infrastructure.Files;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Reads a file of settings in sections, <c>appsettings.json</c>.</summary>
internal static class JsonSettings
{
    /// <returns>Nothing where an optional file is missing.</returns>
    /// <exception cref="InvalidDataException">It cannot be read; the message is its path, the cause says why.</exception>
    public static IConfigurationRoot Read(string path, bool isOptional)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonStream(new MemoryStream(RegularFile.ReadAll(path, SettingsText.MostBytes), writable: false)).Build();
        }
        catch (Exception missing) when (isOptional && missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ConfigurationBuilder().Build();
        }
        catch (Exception broken) when (broken is FormatException or JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(path, broken.InnerException ?? broken);
        }
    }
}
