using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Tests.Exporting;

public sealed class HeadwayTests
{
    private static readonly TimeSpan _stall = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(30);

    private Headway _headway = null!;

    [SetUp]
    public void Follow()
    {
        _headway = new Headway();
        _headway.Follow();
    }

    [Test]
    public void NothingMoves_UntilItIsHung()
    {
        Assert.That(Pass(120), Is.Null);
        Assert.That(Pass(1), Is.EqualTo("nothing has moved for 2 min"));
    }

    [Test]
    public void AMove_BeginsAnew()
    {
        Pass(120);
        Headway.Moved();

        Assert.That((Pass(1), Pass(120)), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public void AWait_HasItsOwnLimit_AndItsEndIsAMove()
    {
        Headway.WaitFor("the first", TimeSpan.FromMinutes(10))!.Dispose();
        using (Headway.WaitFor("a store", TimeSpan.FromMinutes(10)))
        {
            Assert.That((Pass(600), Pass(30), Pass(1)), Is.EqualTo(((string?)null, (string?)null, "it has waited 10.52 min for a store, which may take 10 min")));
        }

        Assert.That((Pass(1), Pass(120), Pass(1)), Is.EqualTo(((string?)null, (string?)null, "nothing has moved for 2 min (before, it waited for a store)")));
    }

    [Test]
    public async Task OfWaitsSideBySide_EachHasItsOwn()
    {
        using var longest = Headway.WaitFor("the longest", TimeSpan.FromHours(1));
        await Parallel.ForEachAsync(Enumerable.Range(0, 16), async (number, _) =>
        {
            using var wait = Headway.WaitFor($"number {number}", TimeSpan.FromMinutes(1));
            await Task.Yield();
        });
        Assert.That(_headway.Moves, Is.EqualTo(33), "also what others do for it");
        using var late = Headway.WaitFor("the late", TimeSpan.FromMinutes(1));

        Assert.That((Pass(60), Pass(60)), Is.EqualTo(((string?)null, "it has waited 2 min for the late, which may take 1 min")));
    }

    [Test]
    public async Task OutsideAnAttempt_NobodyHears()
    {
        Task<IDisposable?> elsewhere;
        using (ExecutionContext.SuppressFlow())
        {
            elsewhere = Task.Run(() =>
            {
                Headway.Moved();
                return Headway.WaitFor("nothing", TimeSpan.Zero);
            });
        }

        Assert.That((await elsewhere, _headway.Moves), Is.EqualTo(((IDisposable?)null, 0L)));
    }

    private string? Pass(int seconds) => _headway.Pass(TimeSpan.FromSeconds(seconds), _stall, _margin);
}
