using System.Collections.Immutable;
using KeyCeremony.Core.Script;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>One script that makes a manifest key and signs batches with it, and the mistakes that can be made in it.</summary>
public sealed class ManifestCheckTests
{
    private static readonly CeremonyScript Key = ScriptFolder.Load("manifest-key.md").Script;
    private static readonly Step[] Signing = [.. ScriptFolder.Load("batch-manifest.md").Script.Steps
        .Where(s => s.Id is "batches" or "approve" or "sign-manifests")];

    [Fact]
    public void A_key_may_sign_batches_in_the_ceremony_that_makes_it() =>
        Assert.Empty(Findings(Both()));

    [Fact]
    public void Batches_previewed_twice_are_found() =>
        Finds("CHECK-30", Inserted(Both(), Signing[0], before: "approve"));

    [Fact]
    public void Batches_signed_without_a_preview_are_found() =>
        Finds("CHECK-30", Without(Both(), "batches"));

    [Fact]
    public void Batches_previewed_and_never_signed_are_found() =>
        Finds("CHECK-20", Without(Both(), "sign-manifests"));

    [Fact]
    public void Batches_signed_twice_are_found() =>
        Finds("CHECK-09", Inserted(Both(), Signing[2], before: "seal-cards"));

    [Fact]
    public void Batches_that_nobody_approved_are_a_warning()
    {
        ScriptFinding finding = Assert.Single(ScriptCheck.Check(Without(Both(), "approve")));

        Assert.Equal(("CHECK-25", Severity.Warning, "sign-manifests"), (finding.Rule, finding.Severity, finding.Step));
    }

    [Theory]
    [InlineData("manifest-1")]
    [InlineData("officer-1", "officer-1")]
    public void A_signer_that_is_named_twice_is_found(params string[] coSigners) =>
        Finds("CHECK-30", Changed<SignManifestsStep>(Both(), s => s with { CoSigners = [.. coSigners] }));

    [Fact]
    public void A_signer_whose_certificate_is_not_signed_yet_is_found() =>
        Finds("CHECK-30", Both(signedBefore: "sign-manifest"));

    /// <summary>Where nothing was commissioned before, no certificate can be in the ledger.</summary>
    [Fact]
    public void A_signer_that_nobody_made_is_found()
    {
        CeremonyScript root = ScriptFolder.Load("root-creation.md").Script;

        Finds("CHECK-30", With(root, Signing, before: "seal-cards"));
    }

    [Theory]
    [InlineData(KeyPurposes.Ca)]
    [InlineData(KeyPurposes.Transcript)]
    public void A_key_of_another_purpose_does_not_sign_batches(string purpose) =>
        Finds("CHECK-30", Changed<GenerateKeyStep>(Both(), g => g with { Purpose = purpose }));

    [Fact]
    public void A_manifest_key_that_would_sign_a_certificate_is_found()
    {
        IEnumerable<Step> steps = ScriptFolder.Load("intermediate-signing.md").Script.Steps
            .Where(s => s.Id is "request-tls" or "preview-tls" or "approve" or "sign-tls");

        Finds("CHECK-11",
            With(Key, steps.Select(s => s is PreviewCertificateStep p ? p with { Issuer = "manifest-1" } : s), before: "seal-cards"));
    }

    [Fact]
    public void A_manifest_key_that_would_sign_a_list_is_found()
    {
        ImmutableArray<Step> list = ScriptFolder.Load("crl-signing.md").Script.Steps;
        PreviewCrlStep preview = list.OfType<PreviewCrlStep>().Single() with { Issuer = "manifest-1" };

        Finds("CHECK-11", With(Key, [preview, Signing[1], list.OfType<SignCrlStep>().Single()], before: "seal-cards"));
    }

    [Fact]
    public void A_manifest_key_with_a_backup_is_found() =>
        Finds("CHECK-15", Changed<GenerateKeyStep>(Key, g => g with { Backup = true }), besides: "CHECK-18");

    [Fact]
    public void A_purpose_that_no_key_has_is_refused()
    {
        Assert.False(ScriptReader.TryRead(Key.Text.Replace("purpose: manifest", "purpose: manifests", StringComparison.Ordinal),
            null, out _, out ImmutableArray<ScriptError> errors));

        Assert.Equal("SCRIPT-11", Assert.Single(errors).Rule);
    }

    private static CeremonyScript Both(string signedBefore = "seal-cards") => With(Key, Signing, signedBefore);

    private static CeremonyScript With(CeremonyScript script, IEnumerable<Step> steps, string before) =>
        script with { Steps = script.Steps.InsertRange(script.Steps.IndexOf(script.Steps.Single(s => s.Id == before)), steps) };

    private static CeremonyScript Inserted(CeremonyScript script, Step step, string before) => With(script, [step], before);

    private static CeremonyScript Without(CeremonyScript script, string id) =>
        script with { Steps = script.Steps.RemoveAll(s => s.Id == id) };

    private static CeremonyScript Changed<T>(CeremonyScript script, Func<T, T> change) where T : Step =>
        script with { Steps = [.. script.Steps.Select(s => s is T step ? change(step) : s)] };

    /// <summary>This rule and, where one mistake makes another, the one that it cannot do without.</summary>
    private static void Finds(string rule, CeremonyScript script, string? besides = null) =>
        Assert.Equal(new[] { rule, besides }.OfType<string>().Order(StringComparer.Ordinal), Findings(script));

    private static IEnumerable<string> Findings(CeremonyScript script) =>
        ScriptCheck.Check(script).Select(f => f.Rule).Distinct().Order(StringComparer.Ordinal);
}
