namespace KeyCeremony.App.Ledger;

/// <summary>The database's one schema. docs/formats/journal.md shows it to those who read a stick with <c>sqlite3</c>.</summary>
internal static class LedgerSchema
{
    /// <summary>"KCLG", shown by <c>file</c> and <c>PRAGMA application_id</c>.</summary>
    public const int ApplicationId = 0x4B434C47;

    public const int Version = 1;

    /// <summary>Type, name and the exact SQL of everything in the database, in the order of creation.</summary>
    public static readonly IReadOnlyList<(string Type, string Name, string Sql)> Objects =
    [
        ("table", "journal", """
            CREATE TABLE journal (
              seq INTEGER PRIMARY KEY,
              ceremony TEXT NOT NULL,
              utc TEXT NOT NULL,
              step TEXT NOT NULL,
              kind TEXT NOT NULL,
              body BLOB NOT NULL,
              previous BLOB NOT NULL,
              hash BLOB NOT NULL
            ) STRICT
            """),
        ("trigger", "journal_no_update", """
            CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is never changed'); END
            """),
        ("trigger", "journal_no_delete", """
            CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
            BEGIN SELECT RAISE(ABORT, 'the journal is never shortened'); END
            """),
        ("trigger", "journal_follows", """
            CREATE TRIGGER journal_follows BEFORE INSERT ON journal
            WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal)
              OR NEW.previous IS NOT (SELECT ifnull((SELECT hash FROM journal ORDER BY seq DESC LIMIT 1), zeroblob(32)))
            BEGIN SELECT RAISE(ABORT, 'an entry follows the last one'); END
            """),
        ("view", "entries", """
            CREATE VIEW entries AS
            SELECT seq, ceremony, utc, step, kind, json_extract(CAST(body AS TEXT), '$.body') AS body, lower(hex(hash)) AS hash
            FROM journal
            """),
        ("view", "ceremonies", """
            CREATE VIEW ceremonies AS
            SELECT o.ceremony, body->>'$.name' AS name, body->>'$.version' AS version,
              body->>'$.scriptSha256' AS script_sha256, o.utc AS opened,
              (SELECT e.kind FROM entries e WHERE e.ceremony = o.ceremony AND e.kind IN ('ceremony-closed', 'ceremony-aborted') LIMIT 1) AS ended
            FROM entries o WHERE o.kind = 'ceremony-opened'
            """),
        ("view", "keys", """
            CREATE VIEW keys AS
            SELECT seq, ceremony, body->>'$.key' AS key, body->>'$.purpose' AS purpose, body->>'$.algorithm' AS algorithm,
              body->>'$.ckaId' AS cka_id, body->>'$.serial' AS token_serial, body->>'$.spki' AS spki
            FROM entries WHERE kind = 'key-generated'
            """),
        ("view", "certificates", """
            CREATE VIEW certificates AS
            SELECT seq, ceremony, body->>'$.certificate' AS certificate, body->>'$.key' AS key,
              body->>'$.sha256' AS sha256, body->>'$.der' AS der
            FROM entries WHERE kind = 'certificate-signed'
            """),
        ("view", "share_sets", """
            CREATE VIEW share_sets AS
            SELECT seq, ceremony, body->>'$.set' AS share_set, body->>'$.name' AS name, body->>'$.threshold' AS threshold,
              json_array_length(body, '$.custodians') AS shares, body->>'$.keyCheck' AS key_check
            FROM entries WHERE kind = 'shares-made'
            """),
        ("view", "bags", """
            CREATE VIEW bags AS
            SELECT seq, ceremony, CASE kind WHEN 'bag-sealed' THEN 'sealed' ELSE 'opened' END AS what,
              body->>'$.content' AS content, body->>'$.number' AS number
            FROM entries WHERE kind IN ('bag-sealed', 'bag-opened')
            """),
        ("view", "exceptions", """
            CREATE VIEW exceptions AS
            SELECT r.seq, r.ceremony, r.body->>'$.number' AS number, r.body->>'$.rule' AS rule, r.body->>'$.what' AS what,
              s.body->>'$.witness' AS signed_off_by, s.body->>'$.remark' AS remark
            FROM entries r LEFT JOIN entries s ON s.kind = 'exception-signed-off' AND s.ceremony = r.ceremony
              AND s.body->>'$.number' = r.body->>'$.number'
            WHERE r.kind = 'exception-raised'
            """),
    ];
}
