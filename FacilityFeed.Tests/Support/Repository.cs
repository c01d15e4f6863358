namespace FacilityFeed.Tests.Support;

/// <summary>The checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Full path of a file or folder in it.</summary>
    public static string File(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "FacilityFeed.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return Path.GetFullPath(Path.Combine(folder.FullName, path));
    }
}
