using System.Collections.Immutable;
using KeyCeremony.App.Room.Codes;
using KeyCeremony.App.Terminal;
using KeyCeremony.App.Transfer;
using KeyCeremony.Core.Transfer;

namespace KeyCeremony.App.Tests.Transfer;

/// <summary>Artefacts and screens for the tests. Noise does not compress, so that its frames are the same with every DEFLATE.</summary>
internal static class Shows
{
    public static readonly Display Narrow = new(80, 25, GlyphSet.Unicode, Attributes: true, Colour: true, FunctionKeys: true);

    public static OutgoingMessage Message(string name, int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        Assert.True(Artefact.TryCreate(name, MediaTypes.Of(name), bytes, out Artefact? artefact, out _));
        Assert.True(OutgoingMessage.TryPack(artefact, out OutgoingMessage? message, out _));
        return message;
    }

    public static CodeShow Begin(Display display, CodeSurface surface, FramebufferGeometry? geometry = null,
        bool asksWords = false, params OutgoingMessage[] messages) =>
        new CodeShow(display, surface, geometry, messages.Length == 0 ? Usual : [.. messages], asksWords).Cut();

    public static CodeShow Press(CodeShow show, params IEnumerable<Key> keys) => keys.Aggregate(show, CodeKeys.After);

    public static CodeShow Press(CodeShow show, KeyKind kind) => CodeKeys.After(show, new Key(kind));

    public static CodeShow Type(CodeShow show, string text) => Press(show, text.Select(Key.Of));

    public static CodeShow Tick(CodeShow show, int times) => Enumerable.Range(0, times).Aggregate(show, (s, _) => s.Ticked());

    private static ImmutableArray<OutgoingMessage> Usual { get; } =
        [Message("root-r1.der", 800), Message("intermediate-i1-0007.crl", 5000, 2), Message("note.txt", 20, 3)];
}
