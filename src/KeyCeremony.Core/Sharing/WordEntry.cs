using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace KeyCeremony.Core.Sharing;

/// <summary>
/// A card being typed: which words are there, which one is typed now, what the keys do. Knows no screen and no
/// keyboard. Everything typed is in locked memory and wiped on dispose.
/// </summary>
/// <remarks>
/// Four letters identify a word, and further letters must agree with it; a space accepts it. A wrong word is pointed
/// at by its number and stays as typed: it is never corrected by guessing, for a guess would pass for what the card says.
/// </remarks>
public sealed class WordEntry : IDisposable
{
    private const ushort Empty = ushort.MaxValue;

    private readonly SecretBytes _indices;
    private readonly SecretBytes _partial = new(WordList.MaxLetters);
    private readonly Share? _dealt;
    private readonly ShareHeader? _set;
    private readonly ImmutableSortedDictionary<string, ShareHeader> _others;
    private int _partialLength;
    private bool _isOpened;

    private WordEntry(int wordCount, Share? dealt, ShareHeader? set, ImmutableSortedDictionary<string, ShareHeader>? others = null)
    {
        _indices = new SecretBytes(sizeof(ushort) * wordCount);
        _dealt = dealt;
        _set = set;
        _others = others ?? ImmutableSortedDictionary<string, ShareHeader>.Empty;
        Slots.Fill(Empty);
    }

    public int WordCount => Slots.Length;

    /// <summary>The number of the word typed now, from 1.</summary>
    public int Current { get; private set; } = 1;

    /// <summary>How many words are there.</summary>
    public int Filled => WordCount - Slots.Count(Empty);

    /// <summary>All words are there and no letters wait; whether they are right, <see cref="TryFinish"/> says.</summary>
    public bool IsComplete => Filled == WordCount && _partialLength == 0;

    /// <summary>The layout that is set, for the hint of SHARE-01 and SHARE-03 at a wrong one; null: it is not known.</summary>
    public LetterKeys? Letters { get; set; }

    /// <summary>Secret. The letters of the current word so far, lower-case ASCII.</summary>
    public ReadOnlySpan<byte> Partial => _partial.Span[.._partialLength];

    /// <summary>Positions in <see cref="WordList.Words"/> that the letters so far leave.</summary>
    public Range Completions => WordList.Completions(Partial);

    private Span<ushort> Slots => MemoryMarshal.Cast<byte, ushort>(_indices.Span);

    /// <summary>Reading back a card just dealt: each word is compared with it. <paramref name="dealt"/> must outlive the entry.</summary>
    public static WordEntry ReadBack(Share dealt)
    {
        ArgumentNullException.ThrowIfNull(dealt);
        return new WordEntry(dealt.WordCount, dealt, set: null);
    }

    /// <summary>A card of the set another card or the journal tells of: another set is refused at its first two words.</summary>
    /// <param name="wordCount">20 or 33 on our cards.</param>
    /// <param name="set">The one that is asked for.</param>
    /// <param name="others">By their names, the other sets that somebody may have a card of: the refusal says which one it is.</param>
    public static WordEntry OfSet(int wordCount, ShareHeader set, ImmutableSortedDictionary<string, ShareHeader>? others = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new WordEntry(Limited(wordCount), dealt: null, set, others);
    }

    /// <summary>Any card: only its checksum speaks, at the end.</summary>
    public static WordEntry Any(int wordCount) => new(Limited(wordCount), dealt: null, set: null);

    /// <summary>Secret. A word as it stands, in ASCII; empty where it is not typed yet.</summary>
    public ReadOnlySpan<byte> Word(int number) => Slots[number - 1] == Empty ? [] : WordList.Utf8(Slots[number - 1]);

    /// <summary>Whether a word is the dealt one; null where nothing was dealt to compare or the word is not typed.</summary>
    public bool? Matches(int number) =>
        _dealt is null || Slots[number - 1] == Empty ? null : Slots[number - 1] == _dealt.Indices[number - 1];

    /// <summary>
    /// The numbers of the words that the last <see cref="TryFinish"/> pointed at because the checksum does not hold; empty as soon as
    /// anything is typed.
    /// </summary>
    public ImmutableArray<int> Doubted { get; private set; } = [];

    /// <summary>
    /// A key. A letter adds to the word, a space accepts it. In a word that was opened again the first letter begins it anew. The letter
    /// stays even where it leaves no word, so that the person sees what was typed; SHARE-01 says so at once. SHARE-03 for anything else
    /// or a ninth letter.
    /// </summary>
    public Refusal? Type(char key)
    {
        if (key == ' ')
            return Accept();
        if (!char.IsAsciiLetter(key) || _partialLength == WordList.MaxLetters && !_isOpened)
            return ShareRules.NotALetter(Current, char.IsAsciiLetter(key) ? null : LayoutMistake.Find(Partial, key, Letters));

        if (_isOpened)
            ClearPartial();
        Doubted = [];
        Slots[Current - 1] = Empty;
        _partial.Span[_partialLength++] = (byte)char.ToLowerInvariant(key);
        return Candidates(Completions) == 0 ? Unknown() : null;
    }

    /// <summary>
    /// Space or Enter: takes the one word that begins with the letters and goes on to the next empty one. Refuses with
    /// SHARE-01, SHARE-02; with SHARE-20 or SHARE-08 where the word is not the dealt or the set's one, and stays there.
    /// Without letters it does nothing.
    /// </summary>
    public Refusal? Accept()
    {
        if (_partialLength == 0)
            return null;
        int candidates = Candidates(Completions);
        if (candidates != 1)
            return candidates == 0 ? Unknown() : ShareRules.AmbiguousWord(Current);

        Slots[Current - 1] = (ushort)Completions.Start.Value;
        ClearPartial();
        if (CheckWord(Current) is { } wrong)
            return wrong;
        Current = NextEmpty();
        return null;
    }

    /// <summary>
    /// The text of a card's QR code in place of typing: all words at once, checked as at the end of typing, and the checksum too. A code
    /// that is refused changes nothing of what a person typed. Refuses with SHARE-22 what is no card of so many words, else as
    /// <see cref="TryFinish"/>.
    /// </summary>
    public Refusal? Scan(ReadOnlySpan<byte> code)
    {
        using var typed = SecretBytes.Copy(_indices.Span);
        using var read = new SecretBytes(_indices.Length);
        if (!NumericForm.TryRead(code, MemoryMarshal.Cast<byte, ushort>(read.Span)))
            return ShareRules.Numeric();
        read.Span.CopyTo(_indices.Span);
        if (TryTake(out Share? share, out Refusal? refusal, out _))
            ClearPartial();
        else
            typed.Span.CopyTo(_indices.Span);
        Doubted = []; // The numbers are those of the code, and what was typed stands there again.
        share?.Dispose();
        return refusal;
    }

    /// <summary>Takes back a letter; at the start of a word opens the one before it.</summary>
    public void Backspace()
    {
        Doubted = [];
        _isOpened = false;
        if (_partialLength > 0)
            _partial.Span[--_partialLength] = 0;
        else if (Slots[Current - 1] != Empty)
            Reopen();
        else if (Current > 1)
            GoTo(Current - 1);
    }

    /// <summary>Opens word <paramref name="number"/> for editing with its letters; letters not accepted yet are dropped.</summary>
    public void GoTo(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, WordCount);
        ClearPartial();
        Current = number;
        Reopen();
    }

    /// <summary>
    /// The card, or what is wrong with it: SHARE-21 while words are missing, SHARE-20 with the numbers of words that
    /// are not the dealt ones, SHARE-08, else what <see cref="Slip39.TryParse"/> refuses. The first word that the refusal points at is the
    /// one typed next.
    /// </summary>
    public bool TryFinish([NotNullWhen(true)] out Share? share, [NotNullWhen(false)] out Refusal? refusal)
    {
        if (TryTake(out share, out refusal, out int pointedAt))
            return true;
        if (pointedAt > 0 && pointedAt != Current)
            GoTo(pointedAt);
        return false;
    }

    public void Dispose()
    {
        _indices.Dispose();
        _partial.Dispose();
    }

    /// <summary>Says how far the entry is, and nothing of the words.</summary>
    public override string ToString() => $"{Filled} of {WordCount} words";

    private bool TryTake([NotNullWhen(true)] out Share? share, [NotNullWhen(false)] out Refusal? refusal, out int pointedAt)
    {
        share = null;
        Doubted = [];
        (refusal, pointedAt) = CheckAll();
        if (refusal is not null || Slip39.TryParse(Slots, out share, out refusal))
            return refusal is null;
        if (refusal.Rule == ShareRules.ChecksumId)
            refusal = PointedAt(refusal);
        pointedAt = Doubted.FirstOrDefault();
        return false;
    }

    private static int Limited(int wordCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wordCount, ShareCodec.MinWords);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wordCount, Slip39.MaxWords);
        return wordCount;
    }

    private Refusal Unknown() => ShareRules.UnknownWord(Current, LayoutMistake.Find(Partial, '\0', Letters));

    private static int Candidates(Range range) => range.End.Value - range.Start.Value;

    private void ClearPartial()
    {
        _partial.Span.Clear();
        (_partialLength, _isOpened) = (0, false);
    }

    /// <summary>Where to look first. Which word would be right is never said: the card says it.</summary>
    private Refusal PointedAt(Refusal checksum)
    {
        using var trial = SecretBytes.Copy(_indices.Span);
        Doubted = Slips.Fitting(MemoryMarshal.Cast<byte, ushort>(trial.Span));
        if (Doubted.Length > 0)
            return ShareRules.ChecksumAt(Doubted);
        Doubted = Slips.Near(Slots);
        return Doubted.Length > 0 ? ShareRules.ChecksumNear(Doubted) : checksum;
    }

    private Refusal? CheckWord(int number)
    {
        if (Matches(number) == false)
            return ShareRules.NotTheDealtWord(number);
        if (_set is null || number > 2)
            return null;
        ushort expected = number == 1 ? _set.SetWords.First : _set.SetWords.Second;
        if (Slots[number - 1] == expected)
            return null;
        string names = string.Join(" and ", OthersWith(number));
        return names.Length > 0 ? ShareRules.TheWordOfAnotherSet(number, names) : ShareRules.NotTheWordOfTheSet(number);
    }

    /// <summary>The other sets that begin as what stands here, up to this word.</summary>
    private List<string> OthersWith(int number)
    {
        var names = new List<string>();
        foreach ((string name, ShareHeader other) in _others)
        {
            (ushort first, ushort second) = other.SetWords;
            if (Slots[0] == first && (number == 1 || Slots[1] == second))
                names.Add(name);
        }
        return names;
    }

    // After the current word first, then from the beginning; the current one where none is empty.
    private int NextEmpty()
    {
        for (int step = 1; step < WordCount; step++)
        {
            int slot = (Current - 1 + step) % WordCount;
            if (Slots[slot] == Empty)
                return slot + 1;
        }

        return Current;
    }

    private void Reopen()
    {
        ReadOnlySpan<byte> word = Word(Current);
        word.CopyTo(_partial.Span);
        (_partialLength, _isOpened) = (word.Length, word.Length > 0);
        Slots[Current - 1] = Empty;
    }

    /// <summary>What is wrong, and the number of the first word that is; 0: none is.</summary>
    private (Refusal? Refusal, int Number) CheckAll()
    {
        var numbers = Enumerable.Range(1, WordCount).ToList();
        List<int> missing = numbers.FindAll(number => Slots[number - 1] == Empty);
        if (missing.Count > 0)
            return (ShareRules.MissingWords(missing[0], missing.Count), missing[0]);

        List<int> wrong = numbers.FindAll(number => Matches(number) == false);
        return wrong switch
        {
            [] when CheckWord(1) is { } first => (first, 1),
            [] => (CheckWord(2), CheckWord(2) is null ? 0 : 2),
            [var only] => (ShareRules.NotTheDealtWord(only), only),
            _ => (ShareRules.NotTheDealtWords(string.Join(", ", wrong)), wrong[0]),
        };
    }
}
