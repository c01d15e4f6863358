namespace FacilityFeed.Tests.Support;

/// <summary>The files that this repository ships.</summary>
public static class Repository
{
    public static string Read(string name) => File.ReadAllText(Path.Combine(Root(), name));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FacilityFeed.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder.FullName;
    }
}
