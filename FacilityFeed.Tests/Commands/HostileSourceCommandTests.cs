using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The commands against a source whose errors say what no terminal, log, ledger or page should hold.</summary>
public sealed class HostileSourceCommandTests
{
    // A red word, a bell, a link, a line of its own and a turn to the left.
    private const string Shown = @"x\u001B[31mred\u0007\u001B]8;;http://evil\u0007 2026-01-01T00:00:00Z warn fake\u202Egnp";

    // MariaDB writes out what it can by itself.
    private const string ShownOfMariaDb = @"x\001B[31mred\0007\001B]8;;http://evil\0007 2026-01-01T00:00:00Z warn fake\u202Egnp";

    private const string OnPostgres = """
        CREATE TABLE elsewhere (id bigint PRIMARY KEY, name text, phone text, url text, latitude float8, longitude float8, country text, locality text, region text, postal_code text, street_address text);
        CREATE FUNCTION stumble() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION E'x\x1b[31mred\x07\x1b]8;;http://evil\x07\n2026-01-01T00:00:00Z warn fake\u202Egnp' USING ERRCODE = '42501', DETAIL = E'\x1b[2J', HINT = E'\x1b[2J';
        END $$;
        CREATE VIEW facility AS SELECT * FROM elsewhere WHERE stumble();
        INSERT INTO elsewhere (id) VALUES (1);
        """;

    private const string OnMariaDb = """
        CREATE TABLE elsewhere (id bigint PRIMARY KEY, name text, phone text, url text, latitude double, longitude double, country text, locality text, region text, postal_code text, street_address text);
        CREATE FUNCTION stumble() RETURNS boolean NOT DETERMINISTIC READS SQL DATA BEGIN
            DECLARE said varchar(120) CHARACTER SET utf8mb4 DEFAULT CONCAT('x', CHAR(27), '[31mred', CHAR(7), CHAR(27), ']8;;http://evil', CHAR(7), CHAR(10), '2026-01-01T00:00:00Z warn fake', CONVERT(0xE280AE USING utf8mb4), 'gnp');
            SIGNAL SQLSTATE '42000' SET MYSQL_ERRNO = 1049, MESSAGE_TEXT = said;
            RETURN TRUE;
        END;
        CREATE VIEW facility AS SELECT * FROM elsewhere WHERE stumble();
        INSERT INTO elsewhere (id) VALUES (1);
        """;

    [Test]
    public async Task WhatPostgreSqlSays_IsOneHarmlessLine_Everywhere()
    {
        await using var installation = await Installation.CreateAsync(OnPostgres);
        await AssertHarmlessAsync(installation, Shown);
    }

    [Test]
    public async Task WhatMariaDbSays_IsOneHarmlessLine_Everywhere()
    {
        await using var installation = await Installation.WithMariaDbAsync(OnMariaDb);
        await AssertHarmlessAsync(installation, ShownOfMariaDb);
    }

    private static async Task AssertHarmlessAsync(Installation installation, string shown)
    {
        var doctor = await installation.RunAsync("doctor");
        var published = await installation.RunAsync("publish", "facility", "--verbose");
        var status = await installation.RunAsync("status");
        var ledger = await installation.State.ScalarAsync<string>("SELECT coalesce(string_agg(concat_ws(' ', r.reason, e.detail), ' '), '') FROM feed.run r LEFT JOIN feed.run_event e ON e.run_id = r.id");
        var pages = await installation.State.ScalarAsync<string>("SELECT coalesce(string_agg(data::text, ' '), '') FROM hangfire.state WHERE name = 'Failed'");

        Assert.Multiple(() =>
        {
            Assert.That(published.Errors, Does.Contain(shown));
            Assert.That(published.ErrorLines, Has.None.StartsWith("2026-01-01"));
            Assert.That(doctor.ErrorLines.Concat(doctor.Output.Split('\n')), Has.None.StartsWith("2026-01-01"));
            foreach (var text in new[] { doctor.Output, doctor.Errors, published.Output, published.Errors, status.Output, ledger })
            {
                Assert.That(text.Where(letter => letter is '\u202E' || (char.IsControl(letter) && letter != '\n')), Is.Empty, text);
            }

            // As JSON, in which a control is written out already: what was written out before has two backslashes.
            Assert.That(pages, Does.Not.Match(@"(?<!\\)\\u001[bB]").And.Not.Contain("\u202E"));
        });
        Assert.That(published.ExitCode, Is.Not.Zero);
    }
}
