using System.Text;

namespace KeyCeremony.Core.Transfer;

/// <summary>
/// Codes as a camera brings them, one after another: frames of a transfer, a single text, and whatever else is held before it.
/// Ends with one artefact. Nothing is ever taken from a share card.
/// </summary>
public sealed class CodeCollector
{
    private readonly HashSet<string> _done = [];
    private FrameCollector _frames = new();
    private FrameCollector? _last;

    /// <summary>What came in; codes that come while it is looked at are not read.</summary>
    public Artefact? Artefact { get; private set; }

    /// <summary>Why the last code was not taken.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Codes that were read since the beginning.</summary>
    public int Codes { get; private set; }

    /// <summary>Those of them that were not taken.</summary>
    public int Refused { get; private set; }

    /// <summary>Fragments of the message; 0 before the first good frame.</summary>
    public int Count => _frames.Count;

    /// <summary>What is known already, in fragments.</summary>
    public int Known => _frames.Known;

    /// <param name="code">Its text; empty where it holds none. Nothing of it is kept but what is taken.</param>
    public void Take(ReadOnlySpan<byte> code)
    {
        if (Artefact is not null)
            return;
        Codes++;
        Refusal = FrameText.IsResource(code) ? TakeFrame(code) : TakeText(code);
        if (Refusal is not null)
            Refused++;
    }

    /// <summary>UR-21 and its like: why there is no artefact yet.</summary>
    public Refusal Missing() => Refusal ?? (_frames.TryFinish(out _, out Refusal? refusal) ? TransferRules.Missing(Known, Count) : refusal);

    /// <summary>Forgets everything: whatever comes is new.</summary>
    public void Again()
    {
        _done.Clear();
        _last = null;
        Clear();
    }

    /// <summary>The artefact was dealt with. It is still before the camera: what belongs to it is passed over from now on.</summary>
    public void Next()
    {
        if (Artefact is not null)
            _done.Add(Artefact.Sha256);
        _last = _frames.IsComplete ? _frames : _last;
        Clear();
    }

    private void Clear() => (_frames, Artefact, Refusal, Codes, Refused) = (new FrameCollector(), null, null, 0, 0);

    private Refusal? TakeFrame(ReadOnlySpan<byte> code)
    {
        if (code.Length > TransferLimits.MaxFrameCharacters)
            return TransferRules.Frame();
        string frame = Encoding.Latin1.GetString(code);
        if (_last is not null && _last.TryTake(frame, out _))
            return null;
        if (!_frames.TryTake(frame, out Refusal? refusal) || !_frames.IsComplete)
            return refusal;
        if (_frames.TryFinish(out Artefact? artefact, out refusal))
            return Received(artefact);
        _frames = new FrameCollector();
        return refusal;
    }

    private Refusal? TakeText(ReadOnlySpan<byte> code)
    {
        if (Count > 0)
            return TransferRules.OtherTransfer();
        return PlainCode.TryRead(code, out Artefact? artefact, out Refusal? refusal) ? Received(artefact) : refusal;
    }

    private Refusal? Received(Artefact artefact)
    {
        if (_done.Contains(artefact.Sha256))
            _frames = new FrameCollector();
        else
            Artefact = artefact;
        return null;
    }
}
