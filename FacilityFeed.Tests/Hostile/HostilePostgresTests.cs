using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Infrastructure.Reading;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A PostgreSQL that breaks its protocol: every answer ends in time, with one of our own exceptions that says what to do.</summary>
public sealed class HostilePostgresTests
{
    [TestCase("")]
    [TestCase("4")]
    [TestCase("42")]
    [TestCase("999999999")]
    public async Task AnySqlState_IsSorted(string state)
    {
        await using var server = HostilePostgres.Answering([.. HostilePostgres.Error(state, "so it is"), .. HostilePostgres.Ready]);

        Assert.That(await FailureAsync(server), Does.Contain("so it is").And.Contain("PostgreSQL database 'shop'"));
    }

    [Test]
    public async Task WhatTheServerSays_IsOneLine_WithoutCommandsToATerminal()
    {
        await using var server = HostilePostgres.Answering([.. HostilePostgres.Error("42P01", "one\ntwo\u001b[31m\a\u202e\u001b]8;;http://x\u001b\\"), .. HostilePostgres.Ready]);

        Assert.That(await FailureAsync(server), Does.Contain("one two\\u001B[31m\\u0007\\u202E\\u001B]8").And.Not.Contain("\u001b").And.Not.Contain("\n"));
    }

    [Test]
    public async Task Garbage_IsSorted_WhereverItComes()
    {
        byte[][] answers =
        [
            [.. "HTTP/1.1 400 Bad Request\r\n\r\n"u8], HostilePostgres.Claiming('E', int.MaxValue, 1), HostilePostgres.Claiming('D', -5), HostilePostgres.Message('!', []),
            HostilePostgres.Message('R', [0, 0, 0, 99]), HostilePostgres.Message('T', [0x7f, 0xff]), HostilePostgres.Message('Z', [(byte)'?']), HostilePostgres.Row("no number"),
        ];
        foreach (var answer in answers)
        {
            await using var greeted = Once(answer, isLetIn: true);
            await using var first = Once(answer, isLetIn: false);

            Assert.That(await FailureAsync(greeted), Does.Contain("Source:Host"), Convert.ToHexString(answer));
            Assert.That(await FailureAsync(first), Does.Contain("Source:Host"), Convert.ToHexString(answer));
        }
    }

    [Test]
    public async Task ACopyThatIsNone_IsSorted_AndTakesNoMemoryByWhatItClaims()
    {
        byte[][] tuples =
        [
            [0, 10, .. HonestPostgres.Tuple(1)[2..]], [0x7f, 0xff], [0x80, 0], [0, 11, 0xff, 0xff, 0xff, 0xfe], [0, 11, 0x7f, 0xff, 0xff, 0xff], [0, 11, 0x3f, 0, 0, 0],
            [0, 11, .. HonestPostgres.Field([1, 2, 3]), .. HonestPostgres.Tuple(1)[14..]], [0, 11, 0xff, 0xff, 0xff, 0xff, .. HonestPostgres.Tuple(1)[14..]],
        ];
        foreach (var tuple in tuples)
        {
            await using var server = Honest(answer => answer.AsSpan().StartsWith(HonestPostgres.CopyStart) ? HonestPostgres.Copy(tuple) : answer);
            var allocated = GC.GetTotalAllocatedBytes();

            Assert.That(await FailureAsync(server, ReadAsync), Does.Contain("not understood").And.Contain("reading facility for run 1 chunk 1"), Convert.ToHexString(tuple));
            Assert.That(GC.GetTotalAllocatedBytes() - allocated, Is.LessThan(64 * 1024 * 1024));
        }
    }

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(3)]
    [TestCase(-1000)]
    [TestCase(int.MinValue)]
    public async Task ACopyMessageOfNoLengthThereIs_IsSorted(int length)
    {
        await using var server = Honest(answer => answer.AsSpan().StartsWith(HonestPostgres.CopyStart) ? [.. HonestPostgres.CopyStart, .. HostilePostgres.Claiming('d', length, [.. "PGCOPY\n"u8])] : answer);

        Assert.That(await FailureAsync(server, ReadAsync), Does.Contain("reading facility for run 1 chunk 1"));
    }

    [Test]
    public async Task MoreRowsThanWereCounted_EndTheReading()
    {
        await using var server = Honest(answer => answer.AsSpan().StartsWith(HonestPostgres.CopyStart) ? HonestPostgres.Copy([.. Enumerable.Range(1, 1000).Select(id => HonestPostgres.Tuple(id))]) : answer);

        Assert.That(await FailureAsync(server, ReadAsync), Does.Contain("more rows").And.Contain("3 rows"));
    }

    [Test]
    public async Task AServerThatTrickles_OrNeverStops_ComesToAnEnd()
    {
        // By the message that is begun: a greeting, an answer, the rows of a COPY.
        Func<HostileTalk, Task>[] scripts =
        [
            async talk =>
            {
                await HostilePostgres.StartAsync(talk);
                await talk.TrickleAsync(HostilePostgres.Notice("a"), TimeSpan.FromMilliseconds(100));
            },
            async talk =>
            {
                await HostilePostgres.LetInAsync(talk);
                await talk.TrickleAsync(HostilePostgres.Notice("a"), TimeSpan.FromMilliseconds(100));
            },
            async talk =>
            {
                await HostilePostgres.LetInAsync(talk);
                await HostilePostgres.HearTurnAsync(talk);
                await talk.SayForEverAsync(HostilePostgres.Notice("a"));
            },
        ];
        await Parallel.ForEachAsync(scripts, async (script, stop) =>
        {
            await using var server = new HostileServer(script);

            Assert.That(await FailureAsync(server).WaitAsync(TimeSpan.FromSeconds(60), stop), Does.Contain("came to no end").And.Contain("Source:StatementTimeoutSeconds"));
        });
    }

    [Test]
    public async Task AServerThatNeverStops_IsHungUpOn()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostilePostgres.LetInAsync(talk);
            await HostilePostgres.HearTurnAsync(talk);
            await talk.SayForEverAsync(HostilePostgres.Notice("a"));
        });

        Assert.That(await FailureAsync(server).WaitAsync(TimeSpan.FromSeconds(60)), Does.Contain("came to no end"));

        await server.AllGoneAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task ACopyThatTrickles_ComesToAnEnd()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostilePostgres.LetInAsync(talk);
            try
            {
                await HonestPostgres.AnswerAsync(talk, answer => answer.AsSpan().StartsWith(HonestPostgres.CopyStart) ? throw new TricklingException() : answer);
            }
            catch (TricklingException)
            {
                // The rows are asked for.
            }

            await talk.SayAsync(HonestPostgres.CopyStart);
            await talk.TrickleAsync(HostilePostgres.Notice("a"), TimeSpan.FromMilliseconds(100));
        });

        Assert.That(await FailureAsync(server, ReadAsync).WaitAsync(TimeSpan.FromSeconds(60)), Does.Contain("came to no end reading facility for run 1 chunk 1"));
    }

    [Test]
    public async Task Cancelling_ReachesAServerThatNeverStops()
    {
        await using var server = new HostileServer(async talk =>
        {
            await HostilePostgres.LetInAsync(talk);
            await HostilePostgres.HearTurnAsync(talk);
            await talk.SayForEverAsync(HostilePostgres.Notice("a"));
        });
        await using var pool = new SourcePool(Options(server) with { StatementTimeout = TimeSpan.FromMinutes(10) });
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Assert.CatchAsync<OperationCanceledException>(() => pool.For("facility").CheckAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Test]
    public async Task RandomBytes_AsTheAnswer_EndInTimeAndAreSorted()
    {
        var random = new Random(12);
        await using var server = new HostileServer(async talk =>
        {
            byte[] answer;
            lock (random)
            {
                answer = Mutation.Random(random, 600);
            }

            if (answer.Length % 2 == 0)
            {
                await HostilePostgres.LetInAsync(talk);
                await HostilePostgres.HearTurnAsync(talk);
            }

            await talk.SayAsync(answer);
        });

        await HostileRounds.RunAsync(Options(server), seed: 12);
    }

    [Test]
    public async Task AnHonestDialogueWithChangedBytes_EndsInTimeAndIsSorted()
    {
        var random = new Random(13);
        await using var server = new HostileServer(async talk =>
        {
            int left;
            lock (random)
            {
                left = random.Next(60);
            }

            await HostilePostgres.LetInAsync(talk);
            await HonestPostgres.AnswerAsync(talk, answer =>
            {
                if (left-- != 0)
                {
                    return answer;
                }

                // A client that waits for more waits in vain.
                talk.CloseSoon();
                lock (random)
                {
                    return Mutation.Of(answer, random);
                }
            });
        });

        await HostileRounds.RunAsync(Options(server), seed: 13);
    }

    private static HostileServer Honest(Func<byte[], byte[]> change) => new(async talk =>
    {
        await HostilePostgres.LetInAsync(talk);
        await HonestPostgres.AnswerAsync(talk, change);
    });

    private static HostileServer Once(byte[] answer, bool isLetIn) => new(async talk =>
    {
        if (isLetIn)
        {
            await HostilePostgres.LetInAsync(talk);
            await HostilePostgres.HearTurnAsync(talk);
        }
        else
        {
            await HostilePostgres.StartAsync(talk);
        }

        await talk.SayAsync(answer);
    });

    private static SourceOptions Options(HostileServer server) => new()
    {
        Host = "127.0.0.1",
        Port = server.Port,
        Database = "shop",
        User = "reader",
        Password = "x",
        StatementTimeout = TimeSpan.FromSeconds(1),
        AnswerLimit = TimeSpan.FromSeconds(1),
    };

    private static Task<string> FailureAsync(HostileServer server) => FailureAsync(server, source => source.CheckAsync(CancellationToken.None));

    private static async Task<string> FailureAsync(HostileServer server, Func<Domain.Reading.IFacilitySource, Task> read)
    {
        await using var pool = new SourcePool(Options(server));
        return (await Assert.CatchAsync<FeedException>(() => read(pool.For("facility"))))!.Message;
    }

    private static async Task ReadAsync(Domain.Reading.IFacilitySource source)
    {
        await using var rows = await source.OpenChunkAsync(new ChunkRange(1, 1, 1_000_000, 3), "run 1 chunk 1", CancellationToken.None);
        await foreach (var row in rows.ReadAsync(CancellationToken.None))
        {
        }
    }

    private sealed class TricklingException : Exception;
}
