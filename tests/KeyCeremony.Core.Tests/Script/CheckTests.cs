using System.Collections.Immutable;
using KeyCeremony.Core.Script;
using KeyCeremony.Core.Sharing;

namespace KeyCeremony.Core.Tests.Script;

/// <summary>Each change makes one mistake in a shipped script; the rule that must answer is beside it.</summary>
public sealed class CheckTests
{
    private static readonly CeremonyScript Root = ScriptFolder.Load("root-creation.md").Script;
    private static readonly CeremonyScript Recovery = ScriptFolder.Load("disaster-recovery.md").Script;

    [Theory]
    [InlineData("room", "roll-call", "CHECK-01")]
    [InlineData("inspect-primary", "gate", "CHECK-04")]
    [InlineData("inspect-primary", "clock", "CHECK-04")]
    [InlineData("inspect-primary", "ledger", "CHECK-04")]
    [InlineData("ledger", "clock", "CHECK-04")]
    [InlineData("commission", "inspect-primary", "CHECK-05")]
    [InlineData("generate-root", "commission", "CHECK-06")]
    [InlineData("generate-root", "preview-root", "CHECK-07")]
    [InlineData("sign-root", "preview-root", "CHECK-08")]
    [InlineData("preview-transcript", "preview-root", "CHECK-10")]
    [InlineData("preview-transcript", "sign-root", "CHECK-10")]
    [InlineData("sign-transcript", "generate-transcript", "CHECK-12")]
    [InlineData("generate-transcript", "approve-transcript", "CHECK-25")]
    [InlineData("sign-root", "generate-root", "CHECK-12")]
    [InlineData("commission", "deal-activation", "CHECK-14")]
    [InlineData("backup-root", "deal-backup", "CHECK-14")]
    [InlineData("lock-root", "backup-root", "CHECK-18")]
    [InlineData("destroy-wrap-key", "backup-root", "CHECK-17")]
    [InlineData("drill", "destroy-wrap-key", "CHECK-17")]
    [InlineData("drill", "backup-root", "CHECK-16")]
    [InlineData("drill", "inspect-drill", "CHECK-16")]
    [InlineData("drill", "sign-root", "CHECK-16")]
    [InlineData("lock-root", "drill", "CHECK-18")]
    [InlineData("close", "drill", "CHECK-19")]
    [InlineData("generate-root", "approve", "CHECK-25")]
    public void A_step_that_comes_too_early_is_found(string moved, string before, string rule) =>
        Finds(rule, Root with { Steps = MovedBefore(Root.Steps, moved, before) });

    [Theory]
    [InlineData("roll-call", "CHECK-01")]
    [InlineData("gate", "CHECK-04")]
    [InlineData("clock", "CHECK-04")]
    [InlineData("ledger", "CHECK-04")]
    [InlineData("inspect-primary", "CHECK-05")]
    [InlineData("commission", "CHECK-06")]
    [InlineData("preview-root", "CHECK-07")]
    [InlineData("generate-root", "CHECK-12")]
    [InlineData("sign-root", "CHECK-20")]
    [InlineData("sign-transcript", "CHECK-20")]
    [InlineData("generate-transcript", "CHECK-12")]
    [InlineData("deal-backup", "CHECK-14")]
    [InlineData("backup-root", "CHECK-15")]
    [InlineData("destroy-wrap-key", "CHECK-17")]
    [InlineData("drill", "CHECK-16")]
    [InlineData("lock-root", "CHECK-18")]
    [InlineData("seal-cards", "CHECK-21")]
    [InlineData("seal-equipment", "CHECK-21")]
    [InlineData("approve", "CHECK-25")]
    [InlineData("close", "CHECK-19")]
    public void A_step_left_out_is_found(string id, string rule) =>
        Finds(rule, Root with { Steps = Root.Steps.RemoveAll(s => s.Id == id) });

    [Theory]
    [InlineData("retire", "CHECK-23")]
    [InlineData("open-bags", "CHECK-21")]
    [InlineData("restore-root", "CHECK-10")]
    [InlineData("commission", "CHECK-06")]
    public void A_step_left_out_of_a_recovery_is_found(string id, string rule) =>
        Finds(rule, Recovery with { Steps = Recovery.Steps.RemoveAll(s => s.Id == id) });

    [Theory]
    [InlineData("intermediate-signing.md", "open-bags", "CHECK-21")]
    [InlineData("intermediate-signing.md", "request-tls", "CHECK-28")]
    [InlineData("intermediate-signing.md", "preview-tls", "CHECK-08")]
    [InlineData("intermediate-signing.md", "sign-tls", "CHECK-20")]
    [InlineData("intermediate-signing.md", "approve", "CHECK-25")]
    [InlineData("intermediate-signing.md", "unlock", "CHECK-06")]
    [InlineData("intermediate-creation.md", "generate-device-ca-i1", "CHECK-12")]
    [InlineData("cross-signing.md", "preview-cross", "CHECK-20")]
    [InlineData("crl-signing.md", "preview-list", "CHECK-08")]
    [InlineData("crl-signing.md", "sign-list", "CHECK-20")]
    [InlineData("crl-signing.md", "approve", "CHECK-25")]
    [InlineData("crl-signing.md", "seal-cards", "CHECK-21")]
    [InlineData("manifest-key.md", "preview-manifest", "CHECK-07")]
    [InlineData("manifest-key.md", "approve-manifest", "CHECK-25")]
    [InlineData("manifest-key.md", "sign-manifest", "CHECK-20")]
    [InlineData("release-signing.md", "unlock", "CHECK-06")]
    [InlineData("release-signing.md", "preview", "CHECK-45")]
    [InlineData("release-signing.md", "approve", "CHECK-25")]
    [InlineData("release-signing.md", "sign", "CHECK-20")]
    [InlineData("batch-manifest.md", "unlock", "CHECK-06")]
    [InlineData("batch-manifest.md", "batches", "CHECK-30")]
    [InlineData("batch-manifest.md", "approve", "CHECK-25")]
    [InlineData("batch-manifest.md", "sign-manifests", "CHECK-20")]
    public void A_step_left_out_of_a_signing_is_found(string name, string id, string rule)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;

        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == id) });
    }

    [Theory]
    [InlineData("ec-p256", true)]
    [InlineData("ec-p384", true)]
    [InlineData("rsa-3072", true)]
    [InlineData("rsa-4096", false)]
    public void A_release_key_is_of_a_kind_that_signs_releases(string algorithm, bool isOne)
    {
        CeremonyScript script = ScriptFolder.Load("release-key.md").Script;
        script = script with
        {
            Steps =
            [
                .. script.Steps.Select(s => s switch
                {
                    GenerateKeyStep g => g with { Algorithm = algorithm },
                    PreviewCertificateStep p => p with { Algorithm = algorithm },
                    _ => s,
                }),
            ],
        };
        if (isOne)
            Assert.DoesNotContain(ScriptCheck.Check(script), f => f.Severity == Severity.Error);
        else
            Finds("CHECK-45", script);
    }

    [Theory]
    [InlineData("tls-t1", "mtls-m1", "CHECK-28")]
    [InlineData("mtls-m1", "nobody-knows", "CHECK-28")]
    public void A_request_imported_twice_or_never_is_found(string from, string to, string rule)
    {
        CeremonyScript script = ScriptFolder.Load("intermediate-signing.md").Script;

        Finds(rule, script with
        {
            Steps = [.. script.Steps.Select(s => s is ImportRequestStep r && r.Request == from ? r with { Request = to } : s)],
        });
    }

    [Fact]
    public void A_certificate_of_a_request_cannot_be_self_signed()
    {
        CeremonyScript script = ScriptFolder.Load("intermediate-signing.md").Script;

        Finds("CHECK-10",
            script with { Steps = [.. script.Steps.Select(s => s is PreviewCertificateStep p ? p with { Issuer = p.Certificate } : s)] });
    }

    [Fact]
    public void A_list_that_cannot_be_written_is_found()
    {
        CeremonyScript script = ScriptFolder.Load("crl-signing.md").Script;
        Func<PreviewCrlStep, PreviewCrlStep>[] wrong =
        [
            list => list with { Shard = new Shard(1, 4) },
            list => list with { DclLabel = "label" },
            list => list with { DclUrl = "http://pki.example.com/paa.crl" },
        ];

        foreach (Func<PreviewCrlStep, PreviewCrlStep> change in wrong)
            Finds("CHECK-29", script with { Steps = [.. script.Steps.Select(s => s is PreviewCrlStep list ? change(list) : s)] });
    }

    [Fact]
    public void A_list_previewed_twice_is_found()
    {
        CeremonyScript script = ScriptFolder.Load("crl-signing.md").Script;
        PreviewCrlStep list = script.Steps.OfType<PreviewCrlStep>().Single();

        Finds("CHECK-29", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(list), list) });
    }

    [Theory]
    [InlineData("  - 2.23.140.1.2.2", "  - anyPolicy")]
    [InlineData("  - 2.23.140.1.2.2", "  - 2.23..1")]
    [InlineData("  - http://pki.example.com/root.crl", "  - ldap://pki.example.com/root.crl")]
    [InlineData("  - http://pki.example.com/root.crl", "  - http://pki.example.com/root.crl\n  - http://pki.example.com/root.crl")]
    public void A_policy_or_an_address_that_is_none_is_refused(string from, string to)
    {
        string text = ScriptFolder.Load("intermediate-signing.md").Script.Text
            .Replace("  - ${policy}", "  - 2.23.140.1.2.2", StringComparison.Ordinal)
            .Replace("  - ${crl-address}", "  - http://pki.example.com/root.crl", StringComparison.Ordinal)
            .Replace("  policy: 2.23.140.1.2.2\n", "", StringComparison.Ordinal)
            .Replace("  crl-address: http://pki.example.com/root.crl\n", "", StringComparison.Ordinal);
        Assert.True(ScriptReader.TryRead(text, null, out _, out ImmutableArray<ScriptError> before), string.Join('\n', before));

        Assert.False(ScriptReader.TryRead(text.Replace(from, to, StringComparison.Ordinal),
            null, out _, out ImmutableArray<ScriptError> errors));
        Assert.All(errors, e => Assert.Equal("SCRIPT-11", e.Rule));
    }

    [Fact]
    public void The_old_hsm_is_retired_before_the_new_one_is_looked_at() =>
        Finds("CHECK-23", Recovery with { Steps = MovedBefore(Recovery.Steps, "inspect-primary", "retire") });

    [Fact]
    public void A_role_without_a_seat_is_found() =>
        Finds("CHECK-02", Root with { Seats = Root.Seats.RemoveAll(s => s.Role == Roles.Witness) });

    [Theory]
    [InlineData("4 of 3")]
    [InlineData("2 of 4")]
    [InlineData("1 of 1")]
    [InlineData("1 of 3")]
    [InlineData("3 of (2 of 2, 1 of 1)")]
    [InlineData("2 of (1 of 2, 1 of 1)")]
    [InlineData("1 of (1 of 1, 2 of 2)")]
    [InlineData("2 of (2 of 2, 2 of 2)")]
    public void A_quorum_that_cannot_be_is_found(string plan) => Finds("CHECK-03", With(Root, plan));

    /// <summary>Cards 1 to 3 are of one department, 4 to 6 of another, 7 is the third.</summary>
    [Theory]
    [InlineData("Zug Zug Zug Bern Bern Bern Bern", "whoever enters has the set")]
    [InlineData("Zug Zug Zug Zug Zug Bern Bern", "whoever enters has the set")]
    [InlineData("Zug Zug Zug Basel Basel Bern Bern", "")]
    [InlineData("Zug Basel Bern Zug Basel Bern Chur", "")]
    [InlineData("Zug Zug Chur Zug Basel Chur Basel", "")]
    [InlineData("Zug Zug Chur Basel Zug Zug Basel", "whoever enters has the set")]
    public void Places_are_judged_by_groups(string places, string remedy)
    {
        CeremonyScript script = ScriptFolder.Load("root-creation-groups.md").Script;
        ScriptFinding[] found = [.. ScriptCheck.Check(script with
        {
            Steps = [.. script.Steps.Select(s => s is DealSharesStep { Set: "backup" } deal
                ? deal with { Sites = [.. places.Split(' ')] } : s)],
        })];
        Assert.Equal(remedy.Length > 0, found.Any(f => f.Rule == "CHECK-36" && f.Remedy.Contains(remedy, StringComparison.Ordinal)));
    }

    private static CeremonyScript With(CeremonyScript script, string plan) =>
        script with { Quorums = [.. script.Quorums.Select(q => q with { Plan = GroupPlan.Read(plan)! })] };

    [Fact]
    public void One_of_one_is_for_rehearsals_only()
    {
        CeremonyScript small = Root with
        {
            Quorums = [.. Root.Quorums.Select(q => q with { Plan = GroupPlan.Read("1 of 1")! })],
            Environments = [Environments.Rehearsal],
        };

        Assert.DoesNotContain(ScriptCheck.Check(small), f => f.Rule == "CHECK-03");
    }

    [Fact]
    public void A_quorum_nobody_deals_by_is_a_warning()
    {
        Quorum spare = Root.Quorums[0] with { Name = "spare" };
        ScriptFinding finding = Assert.Single(ScriptCheck.Check(Root with { Quorums = Root.Quorums.Add(spare) }));

        Assert.Equal(("CHECK-03", Severity.Warning), (finding.Rule, finding.Severity));
    }

    [Fact]
    public void A_certificate_signed_twice_is_found() =>
        Finds("CHECK-09", Changed<SignCertificateStep>("sign-transcript", s => s with { Certificate = "root" }));

    [Fact]
    public void A_transcript_key_that_signs_certificates_is_found() =>
        Finds("CHECK-11", Changed<GenerateKeyStep>("generate-root", s => s with { Purpose = "transcript" }));

    [Fact]
    public void An_unknown_issuer_is_found() =>
        Finds("CHECK-10", Changed<PreviewCertificateStep>("preview-transcript", s => s with { Issuer = "other" }));

    [Fact]
    public void A_key_of_another_algorithm_than_previewed_is_found() =>
        Finds("CHECK-13", Changed<GenerateKeyStep>("generate-root", s => s with { Algorithm = "ec-p256" }));

    [Fact]
    public void A_classical_key_under_an_ML_DSA_root_is_found() =>
        Finds("CHECK-37", Changed<PreviewCertificateStep>("preview-root", s => s with { Algorithm = "ml-dsa-65" }), Severity.Error);

    [Fact]
    public void An_ML_DSA_key_under_a_classical_root_wants_a_reason_and_is_a_warning_then()
    {
        CeremonyScript bare = Changed<PreviewCertificateStep>("preview-transcript", s => s with { Algorithm = "ml-dsa-65" });
        Finds("CHECK-37", bare, Severity.Error);
        CeremonyScript reasoned = Changed<PreviewCertificateStep>("preview-transcript",
            s => s with { Algorithm = "ml-dsa-65", UnderClassical = "the old root is all that our auditors know" });
        Finds("CHECK-37", reasoned, Severity.Warning);
    }

    [Theory]
    [InlineData("preview-root")]
    [InlineData("preview-transcript")]
    public void A_reason_for_what_is_not_so_is_found(string step) =>
        Finds("CHECK-37", Changed<PreviewCertificateStep>(step, s => s with { UnderClassical = "why not" }), Severity.Error);

    [Theory]
    [InlineData("tls-intermediate")]
    [InlineData("mtls-intermediate")]
    [InlineData("matter-paa")]
    [InlineData("code-signing-ca")]
    public void A_profile_whose_readers_do_not_know_ML_DSA_is_found(string profile) =>
        Finds("CHECK-37",
            Changed<PreviewCertificateStep>("preview-root", s => s with { Profile = profile, Algorithm = "ml-dsa-87" }), Severity.Error);

    [Fact]
    public void An_ML_DSA_root_alone_has_nothing_to_sign_its_record_with()
    {
        CeremonyScript root = Root with
        {
            Steps = [.. Root.Steps.Select(s => s switch
            {
                PreviewCertificateStep p => p with { Algorithm = "ml-dsa-87" },
                GenerateKeyStep g => g with { Algorithm = "ml-dsa-87" },
                _ => s,
            })],
        };
        ScriptFinding only = Assert.Single(ScriptCheck.Check(root).Except(ScriptCheck.Check(Root)));
        Assert.Equal(("CHECK-37", Severity.Error, "close"), (only.Rule, only.Severity, only.Step));
    }

    [Fact]
    public void An_ML_DSA_key_that_shall_sign_releases_is_found()
    {
        CeremonyScript script = ScriptFolder.Load("release-key.md").Script;
        Finds("CHECK-37", script with
        {
            Steps = [.. script.Steps.Select(s => s is GenerateKeyStep g ? g with { Algorithm = "ml-dsa-65" } : s)],
        }, Severity.Error);
    }

    /// <summary>No HSM at hand makes one: the script says so where it is read, not on the day.</summary>
    [Fact]
    public void An_SLH_DSA_key_is_none_that_a_script_can_name()
    {
        string text = ScriptFolder.Load("root-creation-dual.md").Script.Text
            .Replace("pq-algorithm: ml-dsa-65", "pq-algorithm: slh-dsa-sha2-128s", StringComparison.Ordinal);
        Assert.False(ScriptReader.TryRead(text, null, out _, out ImmutableArray<ScriptError> errors));
        Assert.Equal(2, errors.Length);
        Assert.All(errors, e => Assert.Equal("SCRIPT-11", e.Rule));
        Assert.All(errors, e => Assert.EndsWith("ml-dsa-87.", e.Remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_roots_that_do_not_name_each_other_are_found()
    {
        CeremonyScript dual = ScriptFolder.Load("root-creation-dual.md").Script;
        Finds("CHECK-46", dual with { Steps = dual.Steps.RemoveAll(s => s is LinkRootsStep) }, Severity.Warning);
        Finds("CHECK-46", dual with
        {
            Steps = [.. dual.Steps.Select(s => s is LinkRootsStep l ? l with { Roots = ["root", "root"] } : s)],
        }, Severity.Error);
        Finds("CHECK-46", dual with
        {
            Steps = [.. dual.Steps.Select(s => s is LinkRootsStep l ? l with { Roots = ["root", "transcript"] } : s)],
        }, Severity.Error);
    }

    [Fact]
    public void A_key_without_backup_cannot_be_wrapped() =>
        Finds("CHECK-15", Changed<GenerateKeyStep>("generate-root", s => s with { Backup = false }));

    [Fact]
    public void A_wrap_key_is_split_by_the_backup_set_only() =>
        Finds("CHECK-14", Changed<BackupKeyStep>("backup-root", s => s with { Set = "activation" }));

    [Fact]
    public void A_short_backup_secret_is_found() =>
        Finds("CHECK-14", Changed<DealSharesStep>("deal-backup", s => s with { Bits = 128 }));

    [Fact]
    public void A_thing_sealed_twice_is_found() =>
        Finds("CHECK-21", Changed<SealBagsStep>("seal-equipment", s => s with { Contents = s.Contents.Add("drill HSM") }));

    [Fact]
    public void An_hsm_that_was_used_before_cannot_be_commissioned() =>
        Finds("CHECK-05", Changed<InspectHsmStep>("inspect-primary", s => s with { Expect = "commissioned" }));

    /// <summary>Without the inspection nobody knows how the HSM wraps: no key of it is used, whichever step would be the first.</summary>
    [Fact]
    public void An_hsm_that_is_unlocked_and_was_not_inspected_is_found()
    {
        var unlock = new UnlockHsmStep("open-it", 1, "Unlock", "", "", Roles.Officer, 1);
        IEnumerable<Step> steps = Root.Steps.RemoveAll(s => s.Id is "inspect-primary" or "deal-activation")
            .Select(s => s is CommissionHsmStep ? unlock : s);

        Finds("CHECK-05", Root with { Steps = [.. steps] });
    }

    [Fact]
    public void A_script_that_may_run_nowhere_is_found() =>
        Finds("CHECK-22", Root with { Environments = [] });

    [Fact]
    public void A_profile_that_does_not_exist_is_found_when_the_profiles_are_known()
    {
        ImmutableArray<ScriptFinding> findings = ScriptCheck.Check(Root, new HashSet<string> { "root" });

        Assert.Equal(["preview-transcript"], findings.Where(f => f.Rule == "CHECK-24").Select(f => f.Step));
    }

    [Theory]
    [InlineData("VID", "FFF1")]
    [InlineData("CN", "A second name")]
    [InlineData("OU", "hidden\u202Ename")]
    public void A_subject_that_cannot_be_written_is_found(string type, string value) =>
        Finds("CHECK-27",
            Changed<PreviewCertificateStep>("preview-root", p => p with { Subject = p.Subject.Add(new SubjectAttribute(type, value)) }));

    [Fact]
    public void A_device_before_any_record_of_the_room_is_a_warning() =>
        Finds("CHECK-26", Root with { Steps = Root.Steps.RemoveAll(s => s is RecordStep) });

    [Fact]
    public void One_mistake_is_one_finding()
    {
        ImmutableArray<ScriptFinding> findings = ScriptCheck.Check(Root with { Steps = Root.Steps.RemoveAll(s => s.Id == "gate") });

        ScriptFinding finding = Assert.Single(findings);
        Assert.Equal(("CHECK-04", "inspect-primary"), (finding.Rule, finding.Step));
    }

    [Fact]
    public void Every_rule_stands_in_the_format_page()
    {
        string page = File.ReadAllText(Path.Combine(ScriptFolder.Root, "docs", "formats", "script.md"));
        IEnumerable<string> rules = typeof(CheckRules).GetFields().Concat(typeof(ScriptRules).GetFields())
            .Select(f => (string)f.GetValue(null)!);

        Assert.All(rules, rule => Assert.Contains(rule, page, StringComparison.Ordinal));
    }

    [Fact]
    public void Codes_of_cards_are_not_allowed_unless_a_script_says_so_and_then_everybody_is_told()
    {
        Assert.All(ScriptFolder.Names, name => Assert.False(ScriptFolder.Load(name).Script.CardCodes));
        string text = Root.Text.Replace("\nversion: 1\n", "\nversion: 1\ncard-codes: true\n", StringComparison.Ordinal);
        Assert.True(ScriptReader.TryRead(text, null, out CeremonyScript? allowed, out ImmutableArray<ScriptError> errors),
            string.Join('\n', errors));
        Assert.True(allowed.CardCodes);
        Assert.Equal([("CHECK-32", Severity.Warning)],
            ScriptCheck.Check(allowed).Except(ScriptCheck.Check(Root)).Select(f => (f.Rule, f.Severity)));
    }

    [Fact]
    public void A_close_without_a_signature_is_for_scripts_that_need_none()
    {
        CeremonyScript cards = ScriptFolder.Load("card-check.md").Script;
        Finds("CHECK-35", Root with { Steps = Root.Steps.Replace(Root.Steps[^1], (CloseStep)Root.Steps[^1] with { Signed = false }) });
        Finds("CHECK-35", cards with { Steps = cards.Steps.RemoveAll(s => s is CheckCardsStep) });
        Finds("CHECK-35", cards with { Recording = true });
        Finds("CHECK-20", cards with { Steps = cards.Steps.Replace(cards.Steps[^1], (CloseStep)cards.Steps[^1] with { Signed = true }) });
        Finds("CHECK-21", cards with { Steps = cards.Steps.RemoveAll(s => s is OpenBagsStep) });
        Finds("CHECK-04", cards with { Steps = cards.Steps.RemoveAll(s => s is LedgerStep) });
    }

    [Theory]
    [InlineData("card-check.md", Roles.Operator)]
    [InlineData("root-creation.md", Roles.Operator)]
    [InlineData("root-creation.md", Roles.Administrator)]
    public void Whom_the_program_asks_is_seated_whatever_the_steps_say(string name, string role)
    {
        CeremonyScript script = ScriptFolder.Load(name).Script;
        script = script with
        {
            Seats = script.Seats.RemoveAll(s => s.Role == role),
            Steps = [.. script.Steps.Select(s => s with { By = Roles.Witness })],
        };
        Finds("CHECK-38", script, Severity.Error);
        Assert.Equal(Severity.Warning,
            ScriptCheck.Check(script, askedAreSeated: false).Single(f => f.Rule == "CHECK-38").Severity);
    }

    [Theory]
    [InlineData(false, "Zug", "Bern", "Chur")]
    [InlineData(true, "Zug, Bank", "zug bank", "Chur")]
    [InlineData(true, "Zug", "Bern")]
    [InlineData(true, "Zug", "Bern", "n/a")]
    [InlineData(true, "Zug", "Bern", "?")]
    [InlineData(true, "Zug", "Bern", "Chur", "Sion")]
    public void A_place_with_a_threshold_of_cards_is_found_and_a_place_for_each_card_is_asked(bool isFound, params string[] sites)
    {
        CeremonyScript script = Changed<DealSharesStep>("deal-backup", s => s with { Sites = [.. sites] });
        Assert.Equal(isFound, ScriptCheck.Check(script).Any(f => f.Rule == "CHECK-36"));
    }

    [Fact]
    public void A_place_that_a_fire_takes_too_many_cards_with_is_found()
    {
        CeremonyScript script = Changed<DealSharesStep>("deal-backup", s => s with { Sites = ["Zug", "Zug", "Bern"] });
        GroupPlan three = GroupPlan.Read("3 of 3")!;
        script = script with { Quorums = [.. script.Quorums.Select(q => q.Name == "backup" ? q with { Plan = three } : q)] };
        Assert.Contains(ScriptCheck.Check(script),
            f => f.Rule == "CHECK-36" && f.Remedy.Contains("A fire there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CHECK-16", "inspect-drill")]
    [InlineData("CHECK-14", "deal-backup")]
    [InlineData("CHECK-17", "destroy-wrap-key")]
    [InlineData("CHECK-16", "drill")]
    [InlineData("CHECK-14", "rewrap-root")]
    [InlineData("CHECK-21", "seal-cards")]
    public void A_replacement_without_one_of_its_steps_is_found(string rule, string missing)
    {
        CeremonyScript script = ScriptFolder.Load("custodian-replacement.md").Script;
        Assert.Empty(ScriptCheck.Check(script).Where(f => f.Severity == Severity.Error));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) });
    }

    [Fact]
    public void A_backup_is_made_anew_once_before_the_wrap_key_goes_and_of_a_key_that_only_the_ledger_knows()
    {
        CeremonyScript script = ScriptFolder.Load("custodian-replacement.md").Script;
        Finds("CHECK-17", script with { Steps = MovedBefore(script.Steps, "destroy-wrap-key", "rewrap-root") });
        Step rewrap = script.Steps.Single(s => s is RewrapKeyStep);
        Finds("CHECK-12", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(rewrap), rewrap with { Id = "again" }) });
        Finds("CHECK-14", script with { Steps = script.Steps.Replace(rewrap, (RewrapKeyStep)rewrap with { Set = "activation" }) });
        Finds("CHECK-02", script with { Seats = script.Seats.RemoveAll(s => s.Role == Roles.Officer) });
    }

    [Theory]
    [InlineData("CHECK-16", "inspect-drill")]
    [InlineData("CHECK-14", "deal-backup")]
    [InlineData("CHECK-17", "destroy-wrap-key")]
    [InlineData("CHECK-21", "seal-cards")]
    [InlineData("CHECK-23", "drill")]
    [InlineData("CHECK-23", "retire")]
    public void A_recovery_with_cards_made_elsewhere_without_one_of_its_steps_is_found(string rule, string missing)
    {
        CeremonyScript script = ScriptFolder.Load("disaster-recovery-foreign.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) });
    }

    [Fact]
    public void A_key_that_comes_back_by_cards_made_elsewhere_and_keeps_them_is_warned_about()
    {
        CeremonyScript script = Recovery with
        {
            Steps = [.. Recovery.Steps.Select(s => s is RestoreKeyStep restore ? restore with { Foreign = true } : s)],
        };
        ScriptFinding warned = Assert.Single(ScriptCheck.Check(script));
        Assert.Equal(Severity.Warning, warned.Severity);
        Assert.Contains("made elsewhere", warned.Message, StringComparison.Ordinal);
        // Those cards lie in no bag of this ledger.
        Assert.DoesNotContain(ScriptCheck.Check(script with { Steps = script.Steps.RemoveAll(s => s is OpenBagsStep) }),
            f => f.Message.Contains("cards come out of no bag", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("CHECK-43", "destroy-root")]
    [InlineData("CHECK-43", "burn-cards")]
    [InlineData("CHECK-43", "account")]
    [InlineData("CHECK-25", "approve")]
    [InlineData("CHECK-06", "unlock")]
    [InlineData("CHECK-19", "close")]
    public void A_destruction_without_one_of_its_steps_is_found(string rule, string missing)
    {
        CeremonyScript script = ScriptFolder.Load("key-destruction.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) });
    }

    [Fact]
    public void A_key_ends_once_and_its_copies_are_accounted_for_after_it_and_once()
    {
        CeremonyScript script = ScriptFolder.Load("key-destruction.md").Script;
        foreach (string id in new[] { "destroy-root", "account" })
        {
            Step step = script.Steps.Single(s => s.Id == id);
            Finds("CHECK-43", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(step), step with { Id = "again" }) });
        }
        Finds("CHECK-43", script with { Steps = MovedBefore(script.Steps, "account", "destroy-root") });
        Finds("CHECK-43", script with { Steps = MovedBefore(script.Steps, "burn-cards", "destroy-root") });
    }

    [Theory]
    [InlineData("CHECK-15", "backup-next-root", Severity.Error)]
    [InlineData("CHECK-16", "drill", Severity.Error)]
    [InlineData("CHECK-18", "lock-next-root", Severity.Error)]
    [InlineData("CHECK-47", "drill", Severity.Error)]
    [InlineData("CHECK-47", "lock-next-root", Severity.Error)]
    [InlineData("CHECK-47", "generate-next-root", Severity.Error)]
    [InlineData("CHECK-47", "link-roots", Severity.Warning)]
    public void A_succession_without_one_of_its_steps_is_found(string rule, string missing, Severity severity)
    {
        CeremonyScript script = ScriptFolder.Load("succession.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) }, severity);
    }

    [Theory]
    [InlineData("lock-next-root")]
    [InlineData("link-roots")]
    public void A_key_that_rests_does_nothing_more(string late)
    {
        CeremonyScript script = ScriptFolder.Load("succession.md").Script;
        Finds("CHECK-47", script with { Steps = MovedBefore(script.Steps, "rest-next-root", late) });
        Step rest = script.Steps.Single(s => s.Id == "rest-next-root");
        Finds("CHECK-47", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(rest), rest with { Id = "again" }) });
    }

    [Theory]
    [InlineData("CHECK-48", "end-root", Severity.Error)]
    [InlineData("CHECK-48", "withdraw-root", Severity.Warning)]
    [InlineData("CHECK-06", "unlock", Severity.Error)]
    public void A_compromise_without_one_of_its_steps_is_found(string rule, string missing, Severity severity)
    {
        CeremonyScript script = ScriptFolder.Load("compromise.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) }, severity);
    }

    [Fact]
    public void A_root_falls_once_and_another_one_says_so()
    {
        CeremonyScript script = ScriptFolder.Load("compromise.md").Script;
        foreach (string id in new[] { "end-root", "withdraw-root" })
        {
            Step step = script.Steps.Single(s => s.Id == id);
            Finds("CHECK-48", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(step), step with { Id = "again" }) });
        }
        Finds("CHECK-48", script with
        {
            Steps = [.. script.Steps.Select(s => s is WithdrawRootStep w ? w with { Successor = w.Root } : s)],
        });
        Finds("CHECK-48", script with { Steps = [.. script.Steps.Select(s => s is EndKeyStep e ? e with { Key = "root-next" } : s)] });
    }

    [Theory]
    [InlineData("CHECK-14", "change-pins")]
    [InlineData("CHECK-14", "deal-activation")]
    [InlineData("CHECK-49", "inspect-primary")]
    [InlineData("CHECK-49", "burn-activation")]
    [InlineData("CHECK-06", "unlock")]
    public void A_change_of_pins_without_one_of_its_steps_is_found(string rule, string missing)
    {
        CeremonyScript script = ScriptFolder.Load("activation-change.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) });
    }

    [Fact]
    public void Pins_are_changed_once_in_an_hsm_that_is_in_use_and_the_old_cards_burn_behind_it()
    {
        CeremonyScript script = ScriptFolder.Load("activation-change.md").Script;
        Step change = script.Steps.Single(s => s is ChangeActivationStep);
        Finds("CHECK-49", script with { Steps = script.Steps.Insert(script.Steps.IndexOf(change), change with { Id = "again" }) },
            Severity.Error);
        Finds("CHECK-49", script with { Steps = MovedBefore(script.Steps, "burn-activation", "change-pins") }, Severity.Warning);
        Finds("CHECK-49", Root with { Steps = Root.Steps.Insert(Root.Steps.Length - 1, change) }, Severity.Error);
    }

    [Theory]
    [InlineData("CHECK-44", "empty")]
    [InlineData("CHECK-44", "replace")]
    [InlineData("CHECK-44", "restore-root")]
    public void A_migration_without_one_of_its_steps_is_found(string rule, string missing)
    {
        CeremonyScript script = ScriptFolder.Load("hsm-migration.md").Script;
        Assert.Empty(ScriptCheck.Check(script));
        Finds(rule, script with { Steps = script.Steps.RemoveAll(s => s.Id == missing) });
        Finds("CHECK-44", script with { Steps = MovedBefore(script.Steps, "empty", "restore-root") });
    }

    private static void Finds(string rule, CeremonyScript script) =>
        Assert.Contains(rule, ScriptCheck.Check(script).Select(f => f.Rule));

    private static void Finds(string rule, CeremonyScript script, Severity severity) =>
        Assert.Contains((rule, severity), ScriptCheck.Check(script).Select(f => (f.Rule, f.Severity)));

    private static CeremonyScript Changed<T>(string id, Func<T, T> change)
        where T : Step
    {
        var step = (T)Root.Steps.Single(s => s.Id == id);
        return Root with { Steps = Root.Steps.Replace(step, change(step)) };
    }

    private static ImmutableArray<Step> MovedBefore(ImmutableArray<Step> steps, string moved, string before)
    {
        Step step = steps.Single(s => s.Id == moved);
        ImmutableArray<Step> rest = steps.Remove(step);
        return rest.Insert(rest.IndexOf(rest.Single(s => s.Id == before)), step);
    }
}
