using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Manifest;
using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Tests.Pki;

namespace KeyCeremony.Core.Tests.Manifest;

/// <summary>What a ledger says to a batch: each mistake is found alone, and what is allowed makes a chain.</summary>
public class BatchLedgerTests
{
    private static readonly DateTimeOffset Now = Batches.Started.AddDays(1);
    private static readonly BatchStatement First = Batches.Draft("b-1");
    private static readonly KnownCa Ca = new("devices", First.IssuingCa.CertSha256, First.IssuingCa.SpkiSha256, IsRevoked: false);

    /// <summary>
    /// b-1 of LOCK-1 is signed, then b-2 with a higher counter and without its bootloader, then a batch of another product.
    /// </summary>
    private static readonly BatchLedger Ledger = new("rehearsal",
        [Ca, Ca with { Name = "old", CertSha256 = Batches.Hex("old"), IsRevoked = true }],
    [
        Known(First),
        Known(First with { BatchId = "b-2", PrevManifest = First.Sha256(), Firmware = [First.Firmware[1] with { SecurityCounter = 18 }] }),
        Known(First with
        {
            BatchId = "hub-1",
            Product = First.Product with { Sku = "HUB-1" },
            Firmware = [First.Firmware[0] with { SecurityCounter = 90 }],
        }),
    ]);

    private static readonly BatchStatement Next = First with
    {
        BatchId = "b-3",
        PrevManifest = Ledger.Before[1].Sha256,
        Firmware = [First.Firmware[0], First.Firmware[1] with { SecurityCounter = 18 }],
    };

    private static readonly Dictionary<string, (string Rule, BatchStatement Batch)> Mistakes = new()
    {
        ["another environment"] = (CeremonyRules.OtherEnvironment, Next with { Environment = "production" }),
        ["a batch id that was used"] = (CeremonyRules.BatchUsed, Next with { BatchId = "b-1" }),
        ["a batch id of another product"] = (CeremonyRules.BatchUsed, Next with { BatchId = "hub-1" }),
        ["an unknown CA"] = (CeremonyRules.UnknownIssuingCa,
            Next with { IssuingCa = Next.IssuingCa with { CertSha256 = Batches.Hex("stranger") } }),
        ["another key of the CA"] = (CeremonyRules.UnknownIssuingCa,
            Next with { IssuingCa = Next.IssuingCa with { SpkiSha256 = Batches.Hex("stranger") } }),
        ["a revoked CA"] = (CeremonyRules.IssuerRevoked, Next with { IssuingCa = Next.IssuingCa with { CertSha256 = Batches.Hex("old") } }),
        ["the manifest before the last one"] = (CeremonyRules.OtherPredecessor, Next with { PrevManifest = Ledger.Before[0].Sha256 }),
        ["the last manifest of another product"] = (CeremonyRules.OtherPredecessor, Next with { PrevManifest = Ledger.Before[2].Sha256 }),
        ["no manifest before"] = (CeremonyRules.OtherPredecessor, Next with { PrevManifest = null }),
        ["a counter below the last batch's"] = (CeremonyRules.CounterWentBack, Next with { Firmware = [First.Firmware[1]] }),
        ["a counter below an older batch's"] = (CeremonyRules.CounterWentBack,
            Next with { Firmware = [Next.Firmware[1], First.Firmware[0] with { SecurityCounter = 3 }] }),
        ["finished a second from now"] = (CeremonyRules.FinishedLater, Next with { FinishedOn = Now.AddSeconds(1) }),
    };

    public static TheoryData<string> Names => [.. Mistakes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_batch_with_one_mistake_is_refused_for_it_alone(string name) =>
        Assert.Equal(Mistakes[name].Rule, Assert.Single(Ledger.Check(Mistakes[name].Batch, Now)).Rule);

    [Fact]
    public void A_batch_with_every_mistake_is_told_of_all()
    {
        BatchStatement batch = Next with
        {
            Environment = "production",
            BatchId = "b-1",
            IssuingCa = new(Batches.Hex("x"), Batches.Hex("y")),
            PrevManifest = Batches.Hex("z"),
            Firmware = [.. Next.Firmware.Select(f => f with { SecurityCounter = 0 })],
            FinishedOn = Now.AddYears(1),
        };

        Assert.Equal([CeremonyRules.OtherEnvironment, CeremonyRules.BatchUsed, CeremonyRules.UnknownIssuingCa,
            CeremonyRules.OtherPredecessor,
            CeremonyRules.CounterWentBack, CeremonyRules.CounterWentBack, CeremonyRules.FinishedLater],
            Ledger.Check(batch, Now).Select(r => r.Rule));
    }

    [Fact]
    public void A_batch_that_fits_is_not_refused()
    {
        Assert.Empty(Ledger.Check(Next, Now));
        Assert.Empty(Ledger.Check(Next with { FinishedOn = Now }, Now));
        Assert.Empty(
            Ledger.Check(Next with { Firmware = [.. Next.Firmware.Select(f => f with { SecurityCounter = f.SecurityCounter + 1 })] }, Now));
        Assert.Empty(Ledger.Check(Next with { Firmware = [First.Firmware[0] with { Component = "radio", SecurityCounter = 0 }] }, Now));
        Assert.Equal("devices", Ledger.NameOf(Next.IssuingCa));
    }

    [Fact]
    public void The_first_batch_of_a_product_has_none_before_it()
    {
        BatchStatement batch = Next with { Product = Next.Product with { Pid = "8002" }, PrevManifest = null, Firmware = First.Firmware };

        Assert.Null(Ledger.Predecessor(batch));
        Assert.Empty(Ledger.Check(batch, Now));
    }

    /// <summary>The same product on a new board: nobody starts a second chain by counting its revision up.</summary>
    [Fact]
    public void A_new_revision_of_the_hardware_goes_on_with_the_chain()
    {
        BatchStatement batch = Next with { Product = Next.Product with { HwRev = "D1" } };

        Assert.Empty(Ledger.Check(batch, Now));
        Assert.Equal(CeremonyRules.OtherPredecessor, Assert.Single(Ledger.Check(batch with { PrevManifest = null }, Now)).Rule);
    }

    [Fact]
    public void Only_certificates_of_authorities_certify_devices()
    {
        (ParsedCertificate? ca, ParsedCertificate? signer) = (Signed("root"), Signed("manifest-signer"));

        var ledger = BatchLedger.Of("rehearsal", [("root", ca, false), ("gone", ca, true), ("manifest-1", signer, false)], []);

        Assert.Equal([("root", false), ("gone", true)], ledger.Cas.Select(c => (c.Name, c.IsRevoked)));
        Assert.Equal(Convert.ToHexStringLower(ca.Sha256()), ledger.Cas[0].CertSha256);
        Assert.Null(ledger.NameOf(new BatchIssuingCa(Convert.ToHexStringLower(signer.Sha256()), Batches.Hex("key"))));
    }

    /// <summary>
    /// Whatever batches come: those that are let in have ids of their own, and of each product one chain whose counters never fall.
    /// </summary>
    [Fact]
    public void What_is_let_in_makes_a_chain()
    {
        Gen<(BatchStatement, bool namesAnother)> batch =
            from id in Gen.Choose(1, 9)
            from product in Gen.Choose(0, 1)
            from counter in Gen.Choose(0, 3)
            from namesAnother in Gen.Elements(true, false, false, false)
            select (First with
            {
                BatchId = $"b-{id}",
                Product = First.Product with { Sku = $"P-{product}" },
                Firmware = [First.Firmware[0] with { SecurityCounter = (uint)counter }],
            }, namesAnother);
        Prop.ForAll(batch.ListOf(12).ToArbitrary(), batches =>
        {
            BatchLedger ledger = Ledger with { Before = [] };
            foreach ((BatchStatement? statement, bool namesAnother) in batches)
            {
                BatchStatement next = statement with
                {
                    PrevManifest = namesAnother ? ledger.Before.Select(b => b.Sha256).FirstOrDefault() : ledger.Predecessor(statement),
                };
                if (!ledger.Check(next, Now).Any())
                    ledger = ledger with { Before = ledger.Before.Add(Known(next)) };
            }
            return ledger.Before.Select(b => b.Statement.BatchId).Distinct().Count() == ledger.Before.Length
                && ledger.Before.GroupBy(b => b.Statement.Product).All(IsChain);
        }).QuickCheckThrowOnFailure();
    }

    private static bool IsChain(IEnumerable<KnownBatch> batches)
    {
        (string? last, uint counter) = (null, 0);
        foreach (KnownBatch batch in batches)
        {
            if (batch.Statement.PrevManifest != last || batch.Statement.Firmware[0].SecurityCounter < counter)
                return false;
            (last, counter) = (batch.Sha256, batch.Statement.Firmware[0].SecurityCounter);
        }
        return true;
    }

    private static KnownBatch Known(BatchStatement batch) => new(batch, batch.Sha256());

    private static ParsedCertificate Signed(string profile) => Samples.Certificate(profile);
}
