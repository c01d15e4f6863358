using System.Text;
using FacilityFeed.Domain.Publishing;

namespace FacilityFeed.Tests.Publishing;

public sealed class ManifestTests
{
    private const string Small = """
        {
          "generation_timestamp": 1750000000,
          "name": "reservewithgoogle.entity",
          "data_file": [
            "reservewithgoogle.entity-1750000000_0001.json.gz",
            "reservewithgoogle.entity-1750000000_0003-2.json.gz"
          ]
        }

        """;

    private static readonly Manifest _small = new(1_750_000_000, "reservewithgoogle.entity",
        ["reservewithgoogle.entity-1750000000_0001.json.gz", "reservewithgoogle.entity-1750000000_0003-2.json.gz"]);

    [Test]
    public void ToBytes_GivesExactlyThisText() => Assert.That(Encoding.UTF8.GetString(_small.ToBytes()), Is.EqualTo(Small));

    [Test]
    public void ToBytes_GivesTheSameBytes_WhenTheManifestIsTheSame() => Assert.That(_small.ToBytes(), Is.EqualTo((_small with { }).ToBytes()));

    [Test]
    public void Parse_GivesBackWhatWasWritten()
    {
        var read = Manifest.Parse(_small.ToBytes());

        Assert.That(read.GenerationTimestamp, Is.EqualTo(_small.GenerationTimestamp));
        Assert.That(read.Name, Is.EqualTo(_small.Name));
        Assert.That(read.DataFiles, Is.EqualTo(_small.DataFiles));
    }

    [Test]
    public void Parse_TakesMembersInAnyOrder() =>
        Assert.That(Parse("""{"data_file":["a"],"name":"n","generation_timestamp":1}""").DataFiles, Is.EqualTo(new[] { "a" }));

    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a"],"more":1}""", "exactly the members", TestName = "Parse_Refuses_AMemberTooMany")]
    [TestCase("""{"generation_timestamp":1,"name":"n","name":"n","data_file":["a"]}""", "exactly the members", TestName = "Parse_Refuses_AMemberTwice")]
    [TestCase("""{"Generation_timestamp":1,"name":"n","data_file":["a"]}""", "exactly the members", TestName = "Parse_Refuses_AMemberInAnotherCase")]
    [TestCase("""{"name":"n","data_file":["a"]}""", "exactly the members", TestName = "Parse_Refuses_NoTimestamp")]
    [TestCase("""{"generation_timestamp":1,"data_file":["a"]}""", "exactly the members", TestName = "Parse_Refuses_NoName")]
    [TestCase("""{"generation_timestamp":1,"name":"n"}""", "exactly the members", TestName = "Parse_Refuses_NoList")]
    [TestCase("""{}""", "exactly the members", TestName = "Parse_Refuses_AnEmptyObject")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":[]}""", "data_file is empty", TestName = "Parse_Refuses_AnEmptyList")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a","b","a"]}""", "names a 2 times", TestName = "Parse_Refuses_AFileTwice")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["/etc/passwd"]}""", "'/etc/passwd' is not a relative name", TestName = "Parse_Refuses_AnAbsolutePath")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a","../b"]}""", "'../b' is not a relative name", TestName = "Parse_Refuses_APathThatLeadsOut")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a/../../b"]}""", "is not a relative name", TestName = "Parse_Refuses_APathThatLeadsOutInside")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a\\b"]}""", "is not a relative name", TestName = "Parse_Refuses_ABackslash")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":[""]}""", "is not a relative name", TestName = "Parse_Refuses_AnEmptyFileName")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":[null]}""", "null", TestName = "Parse_Refuses_ANullFileName")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":[1]}""", "not JSON of the right shape", TestName = "Parse_Refuses_ANumberAsFileName")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":"a"}""", "not JSON of the right shape", TestName = "Parse_Refuses_ATextAsList")]
    [TestCase("""{"generation_timestamp":"1","name":"n","data_file":["a"]}""", "not JSON of the right shape", TestName = "Parse_Refuses_ATextAsTimestamp")]
    [TestCase("""{"generation_timestamp":1.5,"name":"n","data_file":["a"]}""", "generation_timestamp", TestName = "Parse_Refuses_AFractionAsTimestamp")]
    [TestCase("""{"generation_timestamp":99999999999999999999,"name":"n","data_file":["a"]}""", "generation_timestamp", TestName = "Parse_Refuses_ATimestampTooLarge")]
    [TestCase("""{"generation_timestamp":1,"name":5,"data_file":["a"]}""", "not JSON of the right shape", TestName = "Parse_Refuses_ANumberAsName")]
    [TestCase("""{"generation_timestamp":1,"name":null,"data_file":["a"]}""", "name", TestName = "Parse_Refuses_ANullName")]
    [TestCase("""{"generation_timestamp":1,"name":"","data_file":["a"]}""", "name", TestName = "Parse_Refuses_AnEmptyName")]
    [TestCase("""[1]""", "not JSON of the right shape", TestName = "Parse_Refuses_AnArray")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a"]} {}""", "not JSON of the right shape", TestName = "Parse_Refuses_MoreAfterIt")]
    [TestCase("""{"generation_timestamp":1,"name":"n","data_file":["a"]""", "not JSON of the right shape", TestName = "Parse_Refuses_AManifestCutOff")]
    [TestCase("hello", "not JSON of the right shape", TestName = "Parse_Refuses_Prose")]
    [TestCase("", "not JSON of the right shape", TestName = "Parse_Refuses_AnEmptyFile")]
    public void Parse_Refuses(string text, string why) =>
        Assert.That(() => Parse(text), Throws.InstanceOf<FormatException>().With.Message.Contains(why));

    [Test]
    public void Parse_Refuses_EveryNameThatIsNoFeeds()
    {
        foreach (var name in new[] { "../../tmp/evil", "/etc/passwd", "a/b", "a\\b", "..", ".hidden", "a b", "a\nb", "a\u001b[31m", "\u202Ea", "ä", new string('a', 101) })
        {
            Assert.That(() => Manifest.Parse(new Manifest(1, name, ["a"]).ToBytes()), Throws.InstanceOf<FormatException>().With.Message.Contains("is no feed's name").And.Message.Not.Contains("\u001b"), name);
        }
    }

    [Test]
    public void Parse_Refuses_EveryFileThatIsNoObjectBesideIt()
    {
        foreach (var file in new[] { "../../etc/passwd", "/etc/passwd", "sub/a.json", "a\\b", ".", "..", ".hidden", "a\0b", "a\nb", "a\u001b[31m", "a\u202E", "a\u2028", new string('a', 256), new string('ä', 128) })
        {
            Assert.That(() => Manifest.Parse(new Manifest(1, "n", ["a", file]).ToBytes()), Throws.InstanceOf<FormatException>().With.Message.Contains("is not a relative name of an object beside it"), file);
        }
    }

    private static Manifest Parse(string text) => Manifest.Parse(Encoding.UTF8.GetBytes(text));
}
