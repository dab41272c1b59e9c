using System.Collections.Concurrent;
using KeyCeremony.App.Terminal.Writing;
using Terminal.Gui.Drawing;
using Attribute = Terminal.Gui.Drawing.Attribute;
using Color = Terminal.Gui.Drawing.Color;

namespace KeyCeremony.App.Terminal.Views;

/// <summary>A <see cref="Look"/> in the library's words, and back.</summary>
internal static class Attributes
{
    private static readonly ConcurrentDictionary<Look, Attribute> Known = new();
    private static readonly ConcurrentDictionary<Attribute, Look> KnownBack = new([new(Attribute.Default, default)]);

    /// <summary>Of every view: what the library derives by itself from "no colour" are colours of its own.</summary>
    public static readonly Scheme Plain = Every(Of(default));

    public static Attribute Of(Look look) => Known.GetOrAdd(look, Translated);

    /// <summary>Where no view drew the cell has the library's own look, which is plain.</summary>
    public static Look LookOf(Attribute attribute) => KnownBack.GetOrAdd(attribute, TranslatedBack);

    private static Attribute Translated(Look look) => new(
        ColourOf(look.Ink),
        look.OnBlack ? new Color(ColorName16.Black) : Color.None,
        (look.Bold ? TextStyle.Bold : TextStyle.None)
            | (look.Underlined ? TextStyle.Underline : TextStyle.None)
            | (look.Reversed ? TextStyle.Reverse : TextStyle.None));

    private static Look TranslatedBack(Attribute attribute) => new(
        InkOf(attribute.Foreground),
        attribute.Style.HasFlag(TextStyle.Bold),
        attribute.Style.HasFlag(TextStyle.Underline),
        attribute.Style.HasFlag(TextStyle.Reverse),
        attribute.Background != Color.None);

    private static Color ColourOf(Ink ink) => ink switch
    {
        Ink.Cyan => new Color(ColorName16.Cyan),
        Ink.Green => new Color(ColorName16.Green),
        Ink.Yellow => new Color(ColorName16.Yellow),
        Ink.Red => new Color(ColorName16.Red),
        Ink.Silver => new Color(ColorName16.Gray),
        Ink.White => new Color(ColorName16.White),
        _ => Color.None,
    };

    private static Ink InkOf(Color colour) => colour == Color.None ? Ink.Own : colour.GetClosestNamedColor16() switch
    {
        ColorName16.Cyan => Ink.Cyan,
        ColorName16.Green => Ink.Green,
        ColorName16.Yellow => Ink.Yellow,
        ColorName16.Red => Ink.Red,
        ColorName16.Gray => Ink.Silver,
        ColorName16.White => Ink.White,
        _ => Ink.Own,
    };

    private static Scheme Every(Attribute one) => new()
    {
        Normal = one,
        Focus = one,
        HotNormal = one,
        HotFocus = one,
        Active = one,
        HotActive = one,
        Highlight = one,
        Editable = one,
        ReadOnly = one,
        Disabled = one,
    };
}
