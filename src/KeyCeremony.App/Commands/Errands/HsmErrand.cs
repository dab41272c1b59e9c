using System.Collections.Immutable;
using KeyCeremony.App.Ground;
using KeyCeremony.App.Room;
using KeyCeremony.App.Terminal;
using KeyCeremony.Core.Ceremony;
using KeyCeremony.Core.Journal;
using KeyCeremony.Pkcs11;

namespace KeyCeremony.App.Commands.Errands;

/// <summary>Which HSMs are connected and what they say of themselves; and, of a blank one, what it really does.</summary>
internal static class HsmErrand
{
    private const string Title = "Look at the HSM";

    private static readonly Names Probed = new(["ec-p256", "ec-p384"]);

    public static MenuLine Line(MenuTable table) => MenuLine.Of(new MenuEntry(StartMenu.Looking, Title,
        ["Which HSMs are connected, and what they say of themselves. That changes nothing and needs no PIN.",
            "A blank one can be probed with throw-away keys, as its inspection in a ceremony does; it is blank again afterwards."],
        table.Modules.IsEmpty ? MenuRules.NoModule()
        // One that is played lives on a record stick.
        : table.Modules.Any(m => m.Prepare is not null) ? table.NotInUse() : null), () =>
        {
            if (Pick(table.Front, table.Modules) is { } module)
                Look(table, module);
        });

    /// <summary>Null: people went back. One alone is not asked for.</summary>
    public static HsmModule? Pick(Front front, ImmutableArray<HsmModule> modules) => modules.Length == 1 ? modules[0]
        : front.Ask(display => Page(display, modules)) is { } index && index < modules.Length ? modules[index] : null;

    public static FrontPage Page(Display display, ImmutableArray<HsmModule> modules) => new(display, "KeyCeremony: the HSM",
        [modules.IsEmpty ? MenuRules.NoModule().Message : "Which HSM is connected?"], [.. modules.Select(m => m.Name), "Go back"])
    {
        Help =
        [
            "Each maker's HSM is spoken to through that maker's module. Which one is connected stands on the device and in the binder.",
            "The page after this one says what the script will need and whether it is there. Nothing is begun before.",
        ],
    };

    /// <summary>What the tokens say of themselves, as lines to read.</summary>
    public static ImmutableArray<string> InWords(IReadOnlyList<TokenInfo> tokens) => tokens.Count == 0 ? ["No HSM is connected."]
        : [.. tokens.SelectMany(t => InWords(t))];

    private static ImmutableArray<string> InWords(TokenInfo t) =>
    [
        $"{(Hsm.IsBlank(t) ? "Blank HSM" : $"HSM \"{t.Label}\"")}, "
            + (t.Serial.Length == 0 ? "without a serial number" : $"serial {t.Serial}"),
        $"   {t.Manufacturer} {t.Model}, firmware {t.Firmware}; PINs of {t.PinMinLength} to {t.PinMaxLength} characters",
        .. t.WriteProtected ? ["   It is write-protected."] : Array.Empty<string>(),
        .. t is { Initialised: true, UserPinLocked: true } ? ["   Its PIN is locked: nobody opens it any more."] : Array.Empty<string>(),
        .. t.UserPinFinalTry ? ["   One more wrong PIN locks it."] : Array.Empty<string>(),
    ];

    private static void Look(MenuTable table, HsmModule chosen)
    {
        while (true)
        {
            ImmutableArray<TokenInfo> tokens = table.Front.Work(Title, "The module is asked.", _ => Tokens(chosen));
            bool mayProbe = tokens.Any(Hsm.IsBlank);
            string[] choices = ["Back to the menu", "Look again", .. mayProbe ? ["Probe a blank HSM"] : Array.Empty<string>()];
            int? choice = table.Front.Ask(display => new FrontPage(display, $"{Title}: {chosen.Name}", InWords(tokens), [.. choices])
            {
                Help =
                [
                    "An HSM says this of itself. What it really does shows when a blank one is probed, and at its inspection.",
                ],
            });
            if (choice is not (1 or 2))
                return;
            if (choice == 2)
                Probe(table, chosen);
        }
    }

    private static ImmutableArray<TokenInfo> Tokens(HsmModule chosen) => Asked(() =>
    {
        using OneModule process = Process(chosen);
        return process.Running().Tokens().ToImmutableArray();
    });

    /// <summary>For one look: what was plugged in since is seen by the next.</summary>
    private static OneModule Process(HsmModule chosen)
    {
        chosen.Prepare?.Invoke();
        return HsmHost.Module(chosen.Path, [], callSeconds: null, warden: chosen.Warden);
    }

    private static void Probe(MenuTable table, HsmModule chosen)
    {
        if (!table.Agrees("Probe a blank HSM",
            ["Throw-away keys are made in the blank HSM, wrapped, restored, signed with and destroyed; its PIN is locked on purpose; "
                + "at the end it is erased. A blank HSM holds nothing, so nothing is lost.", "",
                "If several are connected, one of them is taken; its serial number stands in the answer. It takes up to minutes."],
            "Probe it"))
            return;
        TokenProbed probed = table.Front.Work("Probe a blank HSM", "The HSM is asked what it really does.", _ => Asked(() =>
        {
            using OneModule process = Process(chosen);
            using var hsm = new Hsm(new HsmSettings(chosen.Path, null, null, process));
            return hsm.Probe(new ProbeToken("primary", Blank: true, Probed), null, [], JournalFormats.Current);
        }));
        int failed = probed.Findings.Count(f => f.Result == FindingResults.Fail);
        table.Front.Tell($"Probe of {probed.Manufacturer} {probed.Model}, serial {probed.Serial}",
            [.. FindingText.Lines([.. probed.Findings.OrderBy(f => f.Result == FindingResults.Pass)]), "",
                failed == 0 ? "None of it stops a ceremony. The inspection in a ceremony asks again, and records it."
                    : $"{failed} of these stop a ceremony: take another HSM."], "Back");
    }

    /// <summary>What a module does not do is said with its call, as everywhere.</summary>
    private static T Asked<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (HsmException e)
        {
            throw new CeremonyException(NeedRules.ModuleAnswers.Refuse(e is Pkcs11Exception p
                ? $"The module does not answer: {p.Function} says {p.ConstantName}."
                : $"The module does not answer: {e.Function} is not to be trusted."));
        }
    }
}
