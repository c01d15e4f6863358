using FacilityFeed.Infrastructure.Ledger.Attempts;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Ledger.Attempts;

public sealed class ProcessIdentityTests
{
    private static readonly ProcessIdentity _me = ProcessIdentity.Current;

    [Test]
    public void ThisProcess_IsKnown_AndLives()
    {
        Assert.That((_me.Pid, _me.Boot.Length, _me.StartTicks > 0), Is.EqualTo((Environment.ProcessId, 36, true)));
        Assert.That(_me.Namespace, Does.Match(@"^pid:\[\d+\],time:\[\d+\]$"));
        Assert.That(_me.IsDead(), Is.False);
    }

    [Test]
    public void AsText_ItComesBack() => Assert.That(ProcessIdentity.Parse(_me.ToString()), Is.EqualTo(_me));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("boot pid:[1],time:[1] 7")]
    [TestCase("boot pid:[1],time:[1] -7 5")]
    [TestCase("boot pid:[1],time:[1] 7 99999999999999999999")]
    [TestCase("boot pid:[1] time:[1] 7 5")]
    public void WhatNoProcessWrote_IsNone(string? text) => Assert.That(ProcessIdentity.Parse(text), Is.Null);

    [Test]
    public async Task AnotherProcess_LivesUntilItEnds()
    {
        using var other = Tool.Keep("sleep", "600");
        var identity = _me with { Pid = other.Id, StartTicks = await TicksOfAsync(other.Id) };
        Assert.That(identity.IsDead(), Is.False);

        other.Kill();
        await other.WaitForExitAsync();

        Assert.That(identity.IsDead(), Is.True);
    }

    [Test]
    public async Task OneThatNobodyHasWaitedFor_IsDead()
    {
        // The shell's child ends, and the shell, now a program that waits for nobody, leaves it as it is.
        using var parent = Tool.Keep("sh", "-c", "sleep 0.01 & exec sleep 600");
        var stat = "";
        await Until.TrueAsync(async () =>
        {
            var children = (await File.ReadAllTextAsync($"/proc/{parent.Id}/task/{parent.Id}/children")).Trim();
            stat = children.Length > 0 ? await File.ReadAllTextAsync($"/proc/{children}/stat") : "";
            return stat.Contains(") Z ", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(20), "a dead child");

        Assert.That((_me with { Pid = int.Parse(stat.Split(' ')[0]), StartTicks = TicksIn(stat) }).IsDead(), Is.True);
        parent.Kill();
    }

    [Test]
    public void APidThatCameAgain_IsAnotherProcess() => Assert.That((_me with { StartTicks = _me.StartTicks - 1 }).IsDead(), Is.True);

    [Test]
    public void NothingIsKnown_OfAnotherMachineOrContainer()
    {
        var gone = _me with { StartTicks = 1 };
        Assert.That(gone.IsDead(), Is.True);
        Assert.That((gone with { Boot = Guid.NewGuid().ToString() }).IsDead(), Is.False);
        Assert.That((gone with { Namespace = "pid:[1],time:[1]" }).IsDead(), Is.False);
        Assert.That((gone with { Boot = "" }).IsDead(), Is.False);
    }

    private static async Task<long> TicksOfAsync(int pid) => TicksIn(await File.ReadAllTextAsync($"/proc/{pid}/stat"));

    private static long TicksIn(string stat) => long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]);
}
