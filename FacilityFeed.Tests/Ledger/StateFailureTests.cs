using System.Net.Sockets;
using System.Transactions;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using Npgsql;

namespace FacilityFeed.Tests.Ledger;

/// <summary>What is said of a state database that is away.</summary>
public sealed class StateFailureTests
{
    private static IEnumerable<TestCaseData> Absences() =>
    [
        new TestCaseData(new NpgsqlException("Failed to connect to /data/postgres/socket/.s.PGSQL.5432", new SocketException((int)SocketError.ConnectionRefused))).SetArgDisplayNames("refused"),
        new TestCaseData(new NpgsqlException("Exception while reading from stream", new EndOfStreamException("the end"))).SetArgDisplayNames("cut off"),
        new TestCaseData(new PostgresException("the database system is starting up", "FATAL", "FATAL", PostgresErrorCodes.CannotConnectNow)).SetArgDisplayNames("starting"),
        new TestCaseData(new PostgresException("terminating connection due to administrator command", "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown)).SetArgDisplayNames("stopping"),
        new TestCaseData(new PostgresException("terminating connection because of crash of another server process", "WARNING", "WARNING", PostgresErrorCodes.CrashShutdown)).SetArgDisplayNames("crashed"),
    ];

    [TearDown]
    public void ForgetTheEmbedded() => StateFailure.StateIsEmbeddedIn(null);

    [TestCaseSource(nameof(Absences))]
    public void OfTheEmbeddedServer_ItIsSaidThatItComesBack_AndNothingOfSettingsThatItHasNot(Exception away)
    {
        StateFailure.StateIsEmbeddedIn("/data");

        Assert.That(StateFailure.Explain(away), Does.StartWith("the state database of this installation, the embedded PostgreSQL in /data, does not answer (")
            .And.Contain("is started again").And.Not.Contain("host and port").And.Not.Contain("STATE_DB"));
        Assert.That(StateFailure.CauseOf(new AggregateException(new InvalidOperationException("wrapped", away))), Is.SameAs(away));
    }

    [TestCaseSource(nameof(Absences))]
    public void OfAConfiguredServer_ItsSettingIsNamed(Exception away)
    {
        Assert.That(StateFailure.Explain(away), Does.StartWith("STATE_DB (State:ConnectionString): the state database "));
    }

    private static IEnumerable<TestCaseData> Refusals() =>
    [
        new TestCaseData(new NpgsqlException("The connection pool has been exhausted, either raise 'Max Pool Size' (currently 100) or 'Timeout'", new TimeoutException()), "all connections").SetArgDisplayNames("pool"),
        new TestCaseData(new OverdueException(TimeSpan.FromSeconds(7)), "within 7 s").SetArgDisplayNames("late"),
        new TestCaseData(new PostgresException("relation \"feed.run\" does not exist", "ERROR", "ERROR", PostgresErrorCodes.UndefinedTable), "does not exist").SetArgDisplayNames("no such table"),
        new TestCaseData(new PostgresException("no such role", "FATAL", "FATAL", PostgresErrorCodes.InvalidAuthorizationSpecification), "no such role").SetArgDisplayNames("no such user"),
        new TestCaseData(new PostgresException("too many clients", "FATAL", "FATAL", PostgresErrorCodes.TooManyConnections), "too many clients").SetArgDisplayNames("full"),
        new TestCaseData(new PostgresException("read-only", "ERROR", "ERROR", PostgresErrorCodes.ReadOnlySqlTransaction), "read-only").SetArgDisplayNames("only read"),
    ];

    [TestCaseSource(nameof(Refusals))]
    public void OfAnEmbeddedServerThatIsThere_ItIsNotSaidThatItStarts_NorWhatNobodyHasSet(Exception failure, string said)
    {
        StateFailure.StateIsEmbeddedIn("/data");

        Assert.That(StateFailure.Explain(failure), Does.StartWith("the state database of this installation, the embedded PostgreSQL in /data, ").And.Contain(said)
            .And.Not.Contain("start").And.Not.Contain("STATE_DB").And.Not.Contain("host and port").And.Not.Contain("password"));
    }

    [TestCaseSource(nameof(Refusals))]
    public void OfAConfiguredServerThatIsThere_ItsSettingIsNamed(Exception failure, string said)
    {
        Assert.That(StateFailure.Explain(failure), Does.StartWith("STATE_DB (State:ConnectionString): the state database ").And.Contain(said));
    }

    private static IEnumerable<Exception> Permanent() =>
    [
        .. new[] { "25006", "28000", "28P01", "3D000", "42501", "42P01" }.Select(code => new PostgresException($"of {code}", "ERROR", "ERROR", code)),
        new PostgresException("unsupported startup parameter: options", "FATAL", "FATAL", PostgresErrorCodes.ProtocolViolation),
        new NpgsqlException("No password has been provided but the backend requires one (in SASL/SCRAM-SHA-256)"),
        new NpgsqlException("\"Password\" authentication method is not allowed by RequireAuth"),
    ];

    [TestCaseSource(nameof(Permanent))]
    public void WhatIsPermanentAtTheStart_IsNotWithinJobs_AlsoWhereOthersHaveWrappedIt(Exception failure)
    {
        Assert.That(StateFailure.SortAtStart(failure), Is.InstanceOf<FeedRejectedException>());
        foreach (var thrown in new[] { failure, new InvalidOperationException("a job could not be created", failure), new AggregateException(new TimeoutException("the transaction", failure)) })
        {
            Assert.That(StateFailure.Sort(thrown), Is.InstanceOf<StateException>().With.Message.EqualTo(StateFailure.SortAtStart(failure).Message));
        }
    }

    [Test]
    public void ATransactionThatCameToNoEnd_IsTheDatabases_AlsoWhereOthersHaveWrappedIt()
    {
        var late = new TransactionAbortedException("The transaction has aborted", new TimeoutException("Transaction Timeout"));
        foreach (var thrown in new Exception[] { late, new InvalidOperationException("a job could not be created", late), new AggregateException(new InvalidOperationException("twice", late)) })
        {
            Assert.That(StateFailure.IsOne(thrown), Is.True, thrown.Message);
            Assert.That(StateFailure.CauseOf(thrown), Is.SameAs(late));
            Assert.That(StateFailure.Sort(thrown), Is.InstanceOf<StateException>().With.Message.Contains("did not end a transaction in time"));
        }
    }

    [Test]
    public void WhatIsNoFailureOfTheDatabase_HasNoCauseThere()
    {
        Assert.That(StateFailure.CauseOf(new InvalidOperationException("a bug", new FormatException("of ours"))), Is.Null);
    }
}
