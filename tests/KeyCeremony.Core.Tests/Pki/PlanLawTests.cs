using FsCheck;
using FsCheck.Fluent;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>Laws for any plan within the limits.</summary>
public sealed class PlanLawTests
{
    private static readonly Gen<string> Word =
        Gen.Elements("ABCxyz019 '()+,-./:=?&@\u00E4\u00DF\u00E9\u0159".ToCharArray())
            .ArrayOf().Select(letters => new string(letters).Trim())
            .Where(word => word.Length is > 0 and <= 50 && !word.Contains("  ", StringComparison.Ordinal));

    private static readonly Gen<DateTimeOffset> Time =
        from days in Gen.Choose(0, 2_930_000)
        from seconds in Gen.Choose(0, 86_399)
        select new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(days).AddSeconds(seconds);

    private static readonly Gen<CertificatePlan> Plans =
        from profile in Gen.Elements(CertificateProfile.All.AsEnumerable())
        from organization in Word
        from unit in Word
        from commonName in Word
        from serial in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(SerialNumber.RandomBytes)
            .Where(random => random.Distinct().Count() > 1)
        from notBefore in Time
        from notAfter in Time
        from pathLength in Gen.OneOf(Gen.Constant((int?)null), Gen.Choose(0, 99).Select(length => (int?)length))
        from policies in Gen.SubListOf("2.5.29.32.0", "2.23.140.1.2.2", "1.3.6.1.4.1.99999.1.2", "2.999.1234567890123456789")
        from uris in Gen.SubListOf("http://a.example/1.crl", "http://b.example/x?y=z", "http://127.0.0.1:8080/")
        from purposes in Gen.OneOf(Gen.Constant<IList<string>?>(null),
            Gen.SubListOf(Oids.ServerAuth, Oids.ClientAuth, Oids.CodeSigning).Select(list => (IList<string>?)list))
        from key in Gen.Elements(KeyAlgorithm.EcP256, KeyAlgorithm.EcP384)
        select new CertificatePlan
        {
            Profile = profile,
            Subject = Samples.Name(("C", "DE"), ("O", organization), ("OU", unit), ("CN", commonName)),
            Issuer = Samples.Plan(profile.ScriptName).Issuer,
            Key = key,
            Serial = SerialNumber.FromRandom(serial),
            NotBefore = notBefore,
            NotAfter = notAfter,
            PathLength = pathLength,
            ExtendedKeyUsage = purposes?.ToArray(),
            Policies = [.. policies],
            CrlDistributionPoints = [.. uris],
        };

    [Fact]
    public void Any_plan_goes_through_JSON_to_the_same_TBS() =>
        Prop.ForAll(Plans.ToArbitrary(), plan =>
            PlanJson.TryRead(PlanJson.Write(plan), out CertificatePlan? read, out _) && Samples.Tbs(read).SequenceEqual(Samples.Tbs(plan)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_plan_goes_through_the_writer_and_the_reader_unchanged() =>
        Prop.ForAll(Plans.ToArbitrary(), plan =>
        {
            ParsedTbs tbs = Samples.Parsed(Samples.Tbs(plan));
            Assert.Equal(plan.Subject, tbs.Subject);
            Assert.Equal(plan.IssuerName, tbs.Issuer);
            Assert.Equal(plan.Serial.Bytes.ToArray(), tbs.Serial.ToArray());
            Assert.Equal(plan.NotBefore, tbs.NotBefore.Value);
            Assert.Equal(plan.NotAfter, tbs.NotAfter.Value);
            Assert.Equal(plan.Key, tbs.KeyAlgorithm);
            Assert.Equal(plan.Policies, tbs.Policies?.Select(policy => policy.ToString()) ?? []);
            Assert.Equal(plan.CrlDistributionPoints, tbs.CrlDistributionPoints?.Uris ?? []);
            Assert.Equal(plan.ExtendedKeyUsage ?? plan.Profile.ExtendedKeyUsage, tbs.ExtendedKeyUsage ?? []);
            Assert.Equal(plan.Profile.WritesBasicConstraints ? new BasicConstraints(plan.Profile.IsCa, plan.PathLength) : null,
                tbs.BasicConstraints);
            Assert.Equal(plan.Profile.KeyUsage, tbs.KeyUsage);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_preview_and_the_real_TBS_differ_in_the_key_only() =>
        Prop.ForAll(Plans.ToArbitrary(), plan =>
            TbsComparison.Compare(Samples.Preview(plan).Tbs, Samples.Parsed(Samples.Tbs(plan))).Refuse() is null)
            .QuickCheckThrowOnFailure();
}
