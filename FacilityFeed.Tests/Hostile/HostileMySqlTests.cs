using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Reading;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A MySQL that breaks its protocol: every answer ends in time, with one of our own exceptions that says what to do.</summary>
public sealed class HostileMySqlTests
{
    [Test]
    public async Task WhatTheServerSays_IsOneLine_WithoutCommandsToATerminal()
    {
        await using var server = HostileMySql.Answering(HostileMySql.Error(1, 1644, "45000", "one\ntwo\u001b[31m\a\u202e"));

        Assert.That(await FailureAsync(server), Does.Contain("one two\\u001B[31m\\u0007\\u202E (error 1644)").And.Not.Contain("\u001b").And.Not.Contain("\n"));
    }

    [Test]
    public async Task Garbage_IsSorted_WhereverItComes()
    {
        byte[][] answers =
        [
            [.. "HTTP/1.1 400 Bad Request\r\n\r\n"u8], HostileMySql.Claiming(0xffffff, 1, 0), HostileMySql.Packet(77, [0]), HostileMySql.Packet(1, []), HostileMySql.Packet(1, [0xfe]),
            HostileMySql.Packet(1, [0xff]), HostileMySql.Packet(1, [0xfd, 0xff, 0xff, 0xff]), HostileMySql.Packet(1, [0xfb, 0x41]), HostileMySql.Error(1, 65535, "", "?"),
        ];
        foreach (var answer in answers)
        {
            await using var greeted = new HostileServer(async talk =>
            {
                await HostileMySql.LetInAsync(talk);
                await HostileMySql.HearAsync(talk);
                await talk.SayAsync(answer);
            });
            await using var first = new HostileServer(talk => talk.SayAsync(answer));

            Assert.That(await FailureAsync(greeted), Does.Contain("MySQL database 'shop'"), Convert.ToHexString(answer));
            Assert.That(await FailureAsync(first), Does.Contain("MySQL database 'shop'"), Convert.ToHexString(answer));
        }
    }

    [Test]
    public async Task AServerThatTrickles_ComesToAnEnd()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostileMySql.LetInAsync(talk);
            await talk.TrickleAsync(new byte[] { 0xff, 0xff, 0xff, 1 }, TimeSpan.FromMilliseconds(100));
        });

        Assert.That(await FailureAsync(server).WaitAsync(TimeSpan.FromSeconds(60)), Does.Contain("MySQL database 'shop'"));
    }

    [Test]
    public async Task RowsThatTrickle_ComeToAnEnd()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostileMySql.LetInAsync(talk);
            while (!Encoding.UTF8.GetString((await HostileMySql.HearAsync(talk)).Payload).Contains("information_schema", StringComparison.Ordinal))
            {
                await talk.SayAsync(HostileMySql.Ok(1));
            }

            // Four columns, the third a number as the first question has it. Each row is whole, so the driver's time-out begins anew with it.
            await talk.SayAsync([.. HostileMySql.Packet(1, [4]), .. Column(2, 253), .. Column(3, 253), .. Column(4, 8), .. Column(5, 253), .. HostileMySql.Packet(6, [0xfe, 0, 0, 2, 0])]);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (byte sequence = 7; ; sequence++)
            {
                await talk.SayAsync(HostileMySql.Packet(sequence, [1, (byte)'1', 1, (byte)'1', 1, (byte)'1', 1, (byte)'1']));
                await timer.WaitForNextTickAsync(talk.Stop);
            }
        });

        Assert.That(await FailureAsync(server).WaitAsync(TimeSpan.FromSeconds(60)), Does.Contain("came to no end looking at facility").And.Contain("Source:StatementTimeoutSeconds"));

        static byte[] Column(byte sequence, byte type) => HostileMySql.Packet(sequence, [3, .. "def"u8, 0, 0, 0, 1, (byte)'c', 0, 12, 45, 0, 255, 0, 0, 0, type, 0, 0, 0, 0, 0]);
    }

    [Test]
    public async Task AServerThatNeverStops_IsHungUpOn()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostileMySql.LetInAsync(talk);
            await HostileMySql.HearAsync(talk);
            await talk.SayForEverAsync([0xff, 0xff, 0xff, 1, .. new byte[0xffffff]]);
        });

        Assert.That(await FailureAsync(server).WaitAsync(TimeSpan.FromSeconds(60)), Does.Contain("MySQL database 'shop'"));

        await server.AllGoneAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task RandomBytes_AsTheAnswer_EndInTimeAndAreSorted()
    {
        var random = new Random(15);
        await using var server = new HostileServer(async talk =>
        {
            byte[] answer;
            lock (random)
            {
                answer = Mutation.Random(random, 600);
            }

            if (answer.Length % 2 == 0)
            {
                await HostileMySql.LetInAsync(talk);
                await HostileMySql.HearAsync(talk);
            }

            await talk.SayAsync(answer);
        });

        await HostileRounds.RunAsync(Options(server), seed: 15);
    }

    [Test]
    public async Task ADialogueWithChangedBytes_EndsInTimeAndIsSorted()
    {
        var random = new Random(16);
        byte[][] answers =
        [
            HostileMySql.Ok(1), HostileMySql.Error(1, 1064, "42000", "no"),
            [.. HostileMySql.Packet(1, [1]), .. HostileMySql.Packet(2, [3, .. "def"u8, 0, 0, 0, 1, (byte)'c', 0, 12, 45, 0, 255, 0, 0, 0, 253, 0, 0, 0, 0, 0]), .. HostileMySql.Packet(3, [0xfe, 0, 0, 2, 0]), .. HostileMySql.Packet(4, [1, (byte)'1']), .. HostileMySql.Packet(5, [0xfe, 0, 0, 2, 0])],
        ];
        await using var server = new HostileServer(async talk =>
        {
            await talk.SayAsync(Changed(HostileMySql.Greeting, 20));
            var (sequence, _) = await HostileMySql.HearAsync(talk);
            await talk.SayAsync(Changed(HostileMySql.Ok((byte)(sequence + 1)), 20));
            for (var left = 20; left > 0; left--)
            {
                await HostileMySql.HearAsync(talk);
                await talk.SayAsync(Changed(answers[left % answers.Length], 4));
            }

            // Once in so many answers.
            byte[] Changed(byte[] answer, int times)
            {
                lock (random)
                {
                    if (random.Next(times) != 0)
                    {
                        return answer;
                    }

                    talk.CloseSoon();
                    return Mutation.Of(answer, random);
                }
            }
        });

        await HostileRounds.RunAsync(Options(server), seed: 16);
    }

    private static SourceOptions Options(HostileServer server) => new()
    {
        Engine = SourceEngine.MySql,
        Host = "127.0.0.1",
        Port = server.Port,
        Database = "shop",
        User = "reader",
        Password = "x",
        StatementTimeout = TimeSpan.FromSeconds(1),
        AnswerLimit = TimeSpan.FromSeconds(1),
    };

    private static async Task<string> FailureAsync(HostileServer server)
    {
        await using var pool = new SourcePool(Options(server));
        return (await Assert.CatchAsync<FeedException>(() => pool.For("facility").CheckAsync(CancellationToken.None)))!.Message;
    }
}
