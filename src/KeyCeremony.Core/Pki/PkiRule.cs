using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki;

/// <summary>One rule about names, plans or certificates.</summary>
/// <param name="Id">E.g. <c>NAME-05</c>: the same in code, test, journal and <c>docs/formats/certificate-profiles.md</c>.</param>
/// <param name="Text">What must hold, as a sentence.</param>
/// <param name="Source">The clause it comes from; "house" where it is ours.</param>
public sealed record PkiRule(string Id, string Text, string Source)
{
    public Refusal Refuse(string found, string remedy) => new(Id, found, remedy);

    /// <summary>Where the bytes of a file that is not read show what became of it on its way; null: they do not.</summary>
    internal Refusal? RefuseDamage(ReadOnlySpan<byte> der) =>
        DerDamage.Of(der) is { } damage ? Refuse(damage.Sentence, damage.Remedy) : null;
}
