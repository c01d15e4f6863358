using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hosting;

public sealed class StatusLineTests
{
    private StringWriter _written = null!;
    private int _columns;

    [SetUp]
    public void Begin()
    {
        _written = new StringWriter();
        _columns = 80;
    }

    [TearDown]
    public void End() => _written.Dispose();

    [Test]
    public void ALogLine_StandsOnItsOwn_AndTheProgressBelow()
    {
        var line = Line();
        line.Show("run 1 running: 3/33 chunks, 30 records");
        line.WriteLine("2026-11-30T15:40:32Z warn  the partner recommends at most 20");
        Assert.That(Screen(), Is.EqualTo(new[] { "2026-11-30T15:40:32Z warn  the partner recommends at most 20", "run 1 running: 3/33 chunks, 30 records" }));

        line.Show("run 1 running: 4/33 chunks");
        line.WriteLine("second");
        line.Show("");
        line.WriteLine("run 1 published");
        Assert.That(Screen(), Is.EqualTo(new[] { "2026-11-30T15:40:32Z warn  the partner recommends at most 20", "second", "run 1 published", "" }));
    }

    [Test]
    public void ALineWrittenInPieces_IsNotBrokenByTheProgress()
    {
        var line = Line();
        line.Write("error: ");
        line.Show("run 1 running");
        line.Write("no room");
        line.Write('\n');

        Assert.That(Screen(), Is.EqualTo(new[] { "error: no room", "run 1 running" }));
    }

    [TestCase(80, "run 12 running: 32/33 chunks, 320 records, 165/s, 00:00:00 left")]
    [TestCase(64, "run 12 running: 32/33 chunks, 320 records, 165/s, 00:00:00 left")]
    [TestCase(63, "run 12 running: 32/33 chunks, 320 records, 165/s")]
    [TestCase(50, "run 12 running: 32/33 chunks, 320 records, 165/s")]
    [TestCase(49, "run 12 running: 32/33 chunks, 320 records, 165/s", Description = "exactly")]
    [TestCase(48, "run 12 running: 32/33 chunks, 320 records")]
    [TestCase(20, "run 12 running: 32/")]
    [TestCase(1, "")]
    [TestCase(0, "")]
    public void AProgressLine_NeverWraps(int columns, string shown)
    {
        _columns = columns;
        var line = Line();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            line.Show("run 12 running: 32/33 chunks, 320 records, 165/s, 00:00:00 left");
        }

        Assert.That(Screen(), Is.EqualTo(new[] { shown }));
    }

    [Test]
    public void ALogLineLongerThanTheTerminal_WrapsAboveTheProgress()
    {
        _columns = 50;
        var line = Line();
        line.Show("run 1 running: 3/33 chunks, 30 records, 165/s, 00:00:09 left");
        line.WriteLine(new string('x', 120));
        line.Show("run 1 running: 4/33 chunks");

        Assert.That(Screen(), Is.EqualTo(new[] { new string('x', 50), new string('x', 50), new string('x', 20), "run 1 running: 4/33 chunks" }));
    }

    [Test]
    public void ManyWriters_NeverShareALine()
    {
        var line = Line();
        var shared = TextWriter.Synchronized(line);
        Parallel.For(0, 400, i =>
        {
            if (i % 2 == 0)
            {
                shared.WriteLine($"line {i}");
            }
            else
            {
                line.Show($"run 1 running: {i}/400 chunks");
            }
        });
        line.Show("");

        Assert.That(Screen().SkipLast(1).ToList(), Has.Count.EqualTo(200).And.All.Match(@"\Aline \d+\z"));
    }

    private StatusLine Line() => new(_written, () => _columns);

    private IReadOnlyList<string> Screen() => TerminalScreen.Show(_written.ToString(), Math.Max(1, _columns));
}
