using System.Globalization;
using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Settings;
using FacilityFeed.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace FacilityFeed.Tests.Deploy;

/// <summary>What can be known of docker-compose.yml and Dockerfile without Docker: that they speak of things that are there.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly Dictionary<object, object> _compose = Read();

    [TestCaseSource(nameof(Services))]
    public void EachService_HasAPinnedImage(string service)
    {
        if (Service(service).ContainsKey("build"))
        {
            return;
        }

        Assert.That(Service(service)["image"], Does.Match(@"^[a-z0-9./-]+:v?\d[\w.-]*$"));
    }

    [TestCaseSource(nameof(Services))]
    public void EachService_HasAHealthCheck(string service)
    {
        var isBuilt = Service(service).ContainsKey("build");

        Assert.That(isBuilt ? File.ReadAllText(Repository.File("Dockerfile")) : string.Join(' ', Service(service).Keys), Does.Contain(isBuilt ? "\nHEALTHCHECK " : "healthcheck"));
    }

    [TestCaseSource(nameof(Services))]
    public void EachService_GetsNoRightsItDoesNotNeed(string service)
    {
        Assert.That(Service(service)["cap_drop"], Is.EqualTo(new[] { "ALL" }));
        Assert.That(Service(service)["security_opt"], Is.EqualTo(new[] { "no-new-privileges:true" }));
    }

    [TestCaseSource(nameof(Services))]
    public void EachService_PublishesItsPortsOnLoopbackOnly(string service) =>
        Assert.That(Strings(service, "ports"), Has.All.StartsWith("127.0.0.1:"));

    [TestCaseSource(nameof(Services))]
    public void EachMount_IsAVolumeThatIsDeclared_OrAFileThatIsThere(string service)
    {
        var volumes = ((Dictionary<object, object>)_compose["volumes"]).Keys.Cast<string>().ToArray();
        foreach (var source in Strings(service, "volumes").Select(mount => mount.Split(':')[0]))
        {
            Assert.That(volumes.Contains(source) || File.Exists(Repository.File(source)), Is.True, source);
        }
    }

    [TestCaseSource(nameof(Services))]
    public void EachDependency_IsWaitedForUntilItIsHealthy(string service)
    {
        if (!Service(service).TryGetValue("depends_on", out var dependencies))
        {
            return;
        }

        foreach (var (name, condition) in (Dictionary<object, object>)dependencies)
        {
            Assert.That(Services(), Does.Contain(name));
            Assert.That(((Dictionary<object, object>)condition)["condition"], Is.EqualTo("service_healthy"));
        }
    }

    [Test]
    public void TheService_IsGivenTheTimeItTakesToStop()
    {
        var grace = (string)Service("facilityfeed")["stop_grace_period"];

        Assert.That(grace, Does.EndWith("s"));
        Assert.That(TimeSpan.FromSeconds(int.Parse(grace[..^1], CultureInfo.InvariantCulture)), Is.GreaterThan(HostSetup.HostShutdown));
    }

    [Test]
    public void TheService_GetsEveryPlainName_ButThoseThatTheImageSets() =>
        Assert.That(Environment().Keys.Where(name => !name.Contains("__", StringComparison.Ordinal)), Is.EquivalentTo(PlainNames.All.Keys.Except(["DATA_DIR", "LOCAL_STORAGE_PATH"])));

    [TestCase("")]
    [TestCase("mysql")]
    [TestCase("s3")]
    public void ItsOwnDatabases_AreNotWarnedOf(string profile)
    {
        var settings = SettingsOf(profile.Length == 0 ? [] : EnvFile(profile));

        Assert.That((settings.Source!.Host, settings.Source.IsOpenOnTheWay, settings.State.IsOpenOnTheWay), Is.EqualTo((profile == "mysql" ? "mysql" : "postgres", false, false)));
        Assert.That(settings.Warnings, Is.Empty);
    }

    [Test]
    public void OtherDatabases_AreWarnedOf()
    {
        var settings = SettingsOf(new() { ["DB_HOST"] = "db.example.com", ["STATE_DB"] = "Host=db.example.com;Database=state;Username=feed;Password=x" });

        Assert.That((settings.Source!.IsOpenOnTheWay, settings.State.IsOpenOnTheWay), Is.EqualTo((true, true)));
    }

    [Test]
    public void TheEnvFiles_SetOnlyNamesThatTheComposeFileHandsOn_AndProfilesThatAreThere([Values("mysql", "s3")] string profile)
    {
        var settings = EnvFile(profile);
        var handedOn = Interpolation().Matches(File.ReadAllText(Repository.File("docker-compose.yml"))).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.That(settings["COMPOSE_PROFILES"], Is.EqualTo(profile));
        Assert.That(Strings(profile, "profiles"), Is.EqualTo(new[] { profile }));
        Assert.That(settings.Keys.Where(name => name != "COMPOSE_PROFILES" && !handedOn.Contains(name)), Is.Empty);
    }

    [Test]
    public void TheDockerfile_CopiesOnlyWhatIsThereAndNotIgnored()
    {
        var ignored = File.ReadAllLines(Repository.File(".dockerignore"));
        var copied = File.ReadAllLines(Repository.File("Dockerfile")).Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal)).SelectMany(line => line.Split(' ')[1..^1]).ToArray();

        Assert.That(copied, Is.Not.Empty);
        Assert.That(copied.Where(path => !File.Exists(Repository.File(path)) && !Directory.Exists(Repository.File(path))), Is.Empty);
        Assert.That(copied.Where(path => !ignored.Contains($"!{path.TrimEnd('/')}") && !ignored.Contains($"!{path.Split('/')[0]}")), Is.Empty, ".dockerignore keeps it from the builder");
    }

    [Test]
    public void TheDockerfile_HasPinnedImages_AndAUserThatIsNotRoot()
    {
        var lines = File.ReadAllLines(Repository.File("Dockerfile"));

        Assert.That(lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)), Has.All.Match(@"^FROM \S+:\d+\.\d+-\w+( AS \w+)?$"));
        Assert.That(lines.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)), Is.EqualTo("USER $APP_UID"));
    }

    private static Dictionary<string, string> Environment() => ((Dictionary<object, object>)Service("facilityfeed")["environment"]).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value);

    private static Dictionary<string, string> EnvFile(string profile) =>
        File.ReadAllLines(Repository.File($"deploy/compose.{profile}.env")).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>What the service reads of its environment, with ${NAME:-default} put in as Compose does.</summary>
    private static ServiceSettings SettingsOf(Dictionary<string, string> env) => Configured.With([.. Environment().Select(pair =>
        (pair.Key, WithDefault().Replace(pair.Value, match => env.TryGetValue(match.Groups[1].Value, out var value) && value.Length > 0 ? value : match.Groups[2].Value)))]);

    private static IEnumerable<string> Services() => ((Dictionary<object, object>)_compose["services"]).Keys.Cast<string>();

    private static Dictionary<object, object> Service(string name) => (Dictionary<object, object>)((Dictionary<object, object>)_compose["services"])[name];

    private static IEnumerable<string> Strings(string service, string key) => Service(service).TryGetValue(key, out var list) ? ((List<object>)list).Cast<string>() : [];

    private static bool IsKnown(string name) => PlainNames.All.ContainsKey(name);

    private static Dictionary<object, object> Read()
    {
        using var text = new StreamReader(Repository.File("docker-compose.yml"));
        return new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text)));
    }

    [GeneratedRegex(@"\$\{([A-Z0-9_]+):-([^}]*)\}")]
    private static partial Regex WithDefault();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z0-9_]+)")]
    private static partial Regex Interpolation();
}
