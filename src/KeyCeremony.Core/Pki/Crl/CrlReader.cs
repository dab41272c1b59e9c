using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Reading;

namespace KeyCeremony.Core.Pki.Crl;

/// <summary>Takes one entry of a CRL.</summary>
public delegate void CrlEntry(in Revocation entry);

/// <summary>What stands around a TBSCertList that is known already.</summary>
/// <param name="Holds">Whether the signature holds over the file's bytes under the issuer's key.</param>
internal sealed record CrlReadBack(CrlFile File, bool Holds);

/// <summary>
/// Reads CRLs of any size in one pass and constant memory, strictly: DER (or PEM around it), whole input, within
/// limits, with all that RFC 5280 lets another CA write there and that leaves the list complete. Entries may come in any
/// order, as other tools write them. Refused: CRL-01, CRL-02, CRL-04, CRL-11 to CRL-14. The signature is not verified
/// here: <see cref="CrlFacts.IsSignedBy"/>.
/// </summary>
public static class CrlReader
{
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;
    private const byte BitString = 0x03;
    private const byte ExtensionsTag = 0xA0;

    // OID, parameters and their headers; RSASSA-PSS with everything spelled out takes 67.
    private const int MaxAlgorithm = 512;
    private const int MaxEntry = 4096;
    private const int MaxShownSerial = 24;
    private const string AskAgain = "Bring it again, as its CA published it: a download or an editor may have changed it. "
        + "If the CA itself writes it so, bring its serials as a CSV. Nothing was taken from it.";

    private const int MaxExtensions = 32;

    /// <param name="crl">DER or PEM; read to its end, left open.</param>
    /// <param name="each">Called with every entry in the order they stand; nothing of what it saw counts if the CRL is refused.</param>
    public static bool TryRead(Stream crl, CrlEntry? each, [NotNullWhen(true)] out CrlFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal) =>
        TryRead(crl, each, [], out facts, out refusal);

    /// <summary>The same where it is known who may have signed the list.</summary>
    /// <param name="signers">
    /// Under whose keys a signature of ML-DSA or SLH-DSA is judged while the list passes by; <see cref="CrlFacts.Judge"/> then says the
    /// verdict. A list that another algorithm signs is judged under any key afterwards.
    /// </param>
    public static bool TryRead(Stream crl, CrlEntry? each, IReadOnlyList<ParsedCertificate> signers,
        [NotNullWhen(true)] out CrlFacts? facts, [NotNullWhen(false)] out Refusal? refusal) =>
        TryRead(crl, each, toBeSignedOnly: false, signers, out facts, out refusal);

    /// <summary>The same for a TBSCertList alone, in DER, before it is signed.</summary>
    public static bool TryReadToBeSigned(Stream tbs, CrlEntry? each, [NotNullWhen(true)] out CrlFacts? facts,
        [NotNullWhen(false)] out Refusal? refusal) =>
        TryRead(tbs, each, toBeSignedOnly: true, [], out facts, out refusal);

    /// <summary>
    /// Passes over a CRL whose TBSCertList has been read before, and proves by its hash that it is the same, byte for byte. Null: it is
    /// not, or what is around it is not as it should be; <see cref="TryRead(Stream, CrlEntry?, out CrlFacts?, out Refusal?)"/> says why.
    /// </summary>
    internal static CrlReadBack? ReadBack(Stream crl, PreparedCrl expected)
    {
        KeyAlgorithm algorithm = expected.Plan.SignatureAlgorithm ?? throw new UnreachableException("The plan was checked.");
        ReadOnlyMemory<byte> key = expected.Plan.Issuer.ToBeSigned.SubjectPublicKeyInfo;
        byte[] identifier = algorithm.SignatureAlgorithmIdentifier();
        PureVerifier? pure = CrlSignature.VerifiersOf(identifier, [key]).Values.SingleOrDefault();
        try
        {
            using var input = new DerInput(crl, isToBeSigned: false);
            long end = input.Enter(Sequence);
            input.StartToBeSigned();
            input.HashToBeSignedOnly(algorithm.IsMlDsa ? HashAlgorithmName.SHA256 : algorithm.Hash);
            input.ShowToBeSigned(pure is null ? [] : [pure]);
            input.Pass(expected.TbsLength);
            byte[] hash = input.EndToBeSigned()[0];
            if (!hash.AsSpan().SequenceEqual(expected.SignatureHash.Span)
                || !input.ReadElement(Sequence, end, MaxAlgorithm).SequenceEqual(identifier))
                return null;
            byte[] signature = ReadSignature(input, end);
            if (!input.AtEnd)
                return null;
            bool holds = pure is null ? CrlSignature.Verify(key.Span, identifier, hash, signature)
                : pure.Judge(signature) == SignatureVerdict.Holds;
            return new CrlReadBack(new CrlFile(input.Position, input.Sha256()!), holds);
        }
        catch (Exception e) when (e is CrlSyntaxException or AsnContentException)
        {
            return null;
        }
    }

    private static bool TryRead(Stream stream, CrlEntry? each, bool toBeSignedOnly, IReadOnlyList<ParsedCertificate> signers,
        [NotNullWhen(true)] out CrlFacts? facts, [NotNullWhen(false)] out Refusal? refusal)
    {
        facts = null;
        refusal = null;
        DerInput? reading = null;
        try
        {
            using ForwardStream der = toBeSignedOnly ? new PrefixedStream([], stream) : OpenPem(stream);
            using var input = new DerInput(der, toBeSignedOnly);
            reading = input;
            facts = toBeSignedOnly ? ReadOnlyToBeSigned(input, each) : ReadWhole(input, each, signers);
        }
        catch (CrlSyntaxException e)
        {
            refusal = Refuse(e);
        }
        catch (UnreadableException e)
        {
            refusal = Refuse(e.IsOurLimit ? CrlSyntaxException.NotReadHere(e.Sentence) : new CrlSyntaxException(e.Sentence));
        }
        catch (AsnContentException)
        {
            refusal = CrlRules.Encoding.Refuse("The CRL is not well formed: the part that ends at byte "
                + $"{reading!.Position} is not DER as X.690 and RFC 5280 write it.", AskAgain);
        }
        return facts is not null;
    }

    // Three steps: it is not read here, it cannot be judged, it is not what a CRL must be. None of them says that anybody meant it.
    private static Refusal Refuse(CrlSyntaxException e) =>
        e.IsOurLimit || e.Rule == CrlRules.Complete
            ? e.Rule.Refuse($"The CRL is not read by this program: {e.Sentence}",
                "Nothing is said against it. Bring the complete list of its CA, or its serials as a CSV. Nothing was taken from it.")
        : e.Rule == CrlRules.Criticality && !e.IsUnderstood
            ? e.Rule.Refuse($"The CRL cannot be judged: {e.Sentence}",
                "A list with a critical part that a reader does not understand is not used (RFC 5280 5.2). Ask its CA for a plain one, "
                + "or bring its serials as a CSV. Nothing was taken from it.")
        : e.IsOfTheFile ? e.Rule.Refuse($"The file cannot be taken: {e.Sentence}",
            "Bring the CRL alone, in DER or as one PEM block 'X509 CRL', as its CA published it. Nothing was taken from it.")
        : e.Rule.Refuse($"The CRL is not well formed: {e.Sentence}", AskAgain);

    // What is made here may be disposed; the caller's stream stays open.
    private static ForwardStream OpenPem(Stream stream)
    {
        byte[] start = new byte[TextForm.EnoughToTell];
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (DerKind.IsAnother(start, DerKind.Crl, out string? sentence, out _))
            throw CrlSyntaxException.OfTheFile(sentence);
        if (DerDamage.Of(start, isWhole: start.Length < TextForm.EnoughToTell) is { } damage)
            throw CrlSyntaxException.OfTheFile(damage.Sentence);
        if (TextForm.IsText(start) && PrivateKeyTraces.AreIn(start))
            throw CrlSyntaxException.OfTheFile(
                $"The file holds a private key. Whoever saw it can use the key: destroy it. Here {DerKind.Crl} is read.");
        var whole = new PrefixedStream(start, stream);
        return TextForm.IsText(start) ? OfPem(new PemBody(whole)) : whole;
    }

    // A label says what a block holds, and may be wrong.
    private static PrefixedStream OfPem(PemBody body)
    {
        byte[] start = new byte[TextForm.EnoughToTell];
        start = start[..body.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return DerKind.IsAnother(start, DerKind.Crl, out string? sentence, out _) ? throw CrlSyntaxException.OfTheFile(sentence)
            : new PrefixedStream(start, body);
    }

    // CertificateList. RFC 5280 5.1.1
    private static CrlFacts ReadWhole(DerInput input, CrlEntry? each, IReadOnlyList<ParsedCertificate> signers)
    {
        long end = input.Enter(Sequence);
        ReadList list = ReadToBeSigned(input, end, each, signers);
        // signatureAlgorithm
        if (!input.ReadElement(Sequence, end, MaxAlgorithm).SequenceEqual(list.Algorithm.Span))
            throw new CrlSyntaxException(CrlRules.Algorithm, "The signature algorithm outside differs from the one inside.");
        // signatureValue
        byte[] signature = ReadSignature(input, end);
        return Finish(input, list, signature);
    }

    private static byte[] ReadSignature(DerInput input, long end)
    {
        byte[] signature = new AsnReader(input.ReadElement(BitString, end).ToArray(), AsnEncodingRules.DER)
            .ReadBitString(out int unusedBits);
        if (unusedBits != 0)
            throw new CrlSyntaxException("The signature is not whole bytes.");
        input.ExpectEnd(end, "The CRL");
        return signature;
    }

    private static CrlFacts ReadOnlyToBeSigned(DerInput input, CrlEntry? each) =>
        Finish(input, ReadToBeSigned(input, long.MaxValue, each, signers: null), []);

    private static CrlFacts Finish(DerInput input, ReadList list, byte[] signature)
    {
        if (!input.AtEnd)
            throw new CrlSyntaxException($"There are bytes after the end, at byte {input.Position}.");
        return list.ToFacts(input.Position, input.Sha256() ?? list.Hashes[0], signature);
    }

    // TBSCertList. RFC 5280 5.1.2
    /// <param name="signers">Null: there is no signature.</param>
    private static ReadList ReadToBeSigned(DerInput input, long outerEnd, CrlEntry? each, IReadOnlyList<ParsedCertificate>? signers)
    {
        var list = new ReadList();
        input.StartToBeSigned();
        long start = input.Position;
        long end = input.Enter(Sequence, outerEnd);
        // version OPTIONAL
        list.Version = ReadVersion(input, end);
        // signature
        list.Algorithm = ReadAlgorithm(input, end);
        list.HashAlgorithm = signers is null ? null : CrlSignature.HashOf(list.Algorithm);
        list.Verifiers = CrlSignature.VerifiersOf(list.Algorithm, (signers ?? []).Select(one => one.ToBeSigned.SubjectPublicKeyInfo));
        input.HashToBeSigned(list.HashAlgorithm);
        input.ShowToBeSigned(list.Verifiers.Values);
        // issuer
        list.Issuer = DistinguishedName.Decode(input.ReadElement(Sequence, end).ToArray());
        // thisUpdate, nextUpdate OPTIONAL
        list.ThisUpdate = ReadTime(input, end);
        if (input.PeekTag(end) is DerTime.UtcTag or DerTime.GeneralizedTag)
            list.NextUpdate = ReadTime(input, end);
        // revokedCertificates OPTIONAL
        if (input.PeekTag(end) == Sequence)
            ReadEntries(input, end, list, each);
        // crlExtensions OPTIONAL
        if (input.PeekTag(end) == ExtensionsTag)
            list.ReadExtensions(list.Version == 1
                ? throw new CrlSyntaxException(CrlRules.Version, "It is of version 1 and has extensions.")
                : CrlExtensions.Read(input.ReadElement(ExtensionsTag, end).ToArray(), MaxExtensions));
        input.ExpectEnd(end, "The list to be signed");
        list.TbsLength = end - start;
        list.Hashes = input.EndToBeSigned();
        return list;
    }

    // Version OPTIONAL, if present v2(1). A list of version 1 has none, and no extensions; old CAs still write it.
    private static int ReadVersion(DerInput input, long end)
    {
        if (input.PeekTag(end) != Integer)
            return 1;
        ReadOnlySpan<byte> version = input.ReadElement(Integer, end);
        return version.SequenceEqual((ReadOnlySpan<byte>)[Integer, 1, 1]) ? 2
            : throw new CrlSyntaxException(CrlRules.Version,
                $"The version is {Convert.ToHexStringLower(version[2..])}, not 1 (which means 2).");
    }

    private static byte[] ReadAlgorithm(DerInput input, long end)
    {
        byte[] encoded = input.ReadElement(Sequence, end, MaxAlgorithm).ToArray();
        AsnReader algorithm = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
        algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
            algorithm.ReadEncodedValue();
        algorithm.ThrowIfNotEmpty();
        return encoded;
    }

    private static EncodedTime ReadTime(DerInput input, long end)
    {
        byte tag = input.PeekTag(end) == DerTime.UtcTag ? DerTime.UtcTag : DerTime.GeneralizedTag;
        ReadOnlySpan<byte> content = input.ReadElement(tag, end)[2..];
        if (!DerTime.TryRead(tag, content, out long seconds))
            throw NoTime("A date of the list", tag, content);
        return new EncodedTime(Revocation.Time(seconds), (UniversalTagNumber)tag, System.Text.Encoding.ASCII.GetString(content));
    }

    private static CrlSyntaxException NoTime(string what, byte tag, ReadOnlySpan<byte> content)
    {
        (string cause, bool isDer) = DerTime.WhyNot(tag, content);
        string sentence = $"{what}, '{RowReader.Shown(content)}', {cause}; RFC 5280 5.1.2.4 to 5.1.2.6 has whole seconds of UTC.";
        return isDer ? CrlSyntaxException.NotReadHere(sentence) : new CrlSyntaxException(sentence);
    }

    private static void ReadEntries(DerInput input, long outerEnd, ReadList list, CrlEntry? each)
    {
        long end = input.Enter(Sequence, outerEnd);
        if (input.Position == end)
            throw new CrlSyntaxException(CrlRules.EmptyList, "The list of revoked certificates is there and empty.");
        while (input.Position < end)
        {
            Revocation entry = ReadEntry(input.ReadElement(Sequence, end, MaxEntry), list);
            list.Count(entry);
            each?.Invoke(entry);
        }
    }

    private static Revocation ReadEntry(ReadOnlySpan<byte> element, ReadList list)
    {
        ReadOnlySpan<byte> rest = element[HeaderOf(element)..];
        // userCertificate
        ReadOnlySpan<byte> content = Take(ref rest, Integer);
        if (!RevokedSerial.TryFromContent(content, out RevokedSerial serial))
            throw NoSerial(content);
        // revocationDate
        byte tag = rest.IsEmpty ? (byte)0 : rest[0];
        if (tag is not (DerTime.UtcTag or DerTime.GeneralizedTag))
            throw new CrlSyntaxException($"The entry of the serial {serial} has no date.");
        ReadOnlySpan<byte> time = Take(ref rest, tag);
        if (!DerTime.TryRead(tag, time, out long date))
            throw NoTime($"The date of the serial {serial}", tag, time);
        if (tag == DerTime.GeneralizedTag && !DerTime.IsGeneralized(date))
            list.MisformedDates++;
        // crlEntryExtensions OPTIONAL: a reason alone is by far the most common
        if (rest.IsEmpty)
            return new Revocation(serial, date, 0, 0);
        if (list.Version == 1)
            throw new CrlSyntaxException(CrlRules.Version, $"It is of version 1 and the entry of the serial {serial} has extensions.");
        if (rest.Length == EntryCode.ReasonPrefix.Length + 3 && rest[0] == Sequence
            && rest[1] == rest.Length - 2 && rest[2..].StartsWith(EntryCode.ReasonPrefix))
            return new Revocation(serial, date, ReasonOf(rest[^1], list), 0);
        return ReadWithExtensions(serial, date, rest.ToArray(), list);
    }

    // RFC 5280 4.1.2.2 forbids the first three and asks readers to expect them all the same.
    private static CrlSyntaxException NoSerial(ReadOnlySpan<byte> content)
    {
        string? old = content is [0] ? "zero" : content.Length > 0 && (content[0] & 0x80) != 0 ? "negative"
            : content.Length > 20 ? "longer than 20 bytes" : null;
        string serial = Convert.ToHexStringLower(content[..Math.Min(content.Length, MaxShownSerial)]);
        return old is null ? new CrlSyntaxException($"The serial {serial} is not written in its shortest form.")
            : CrlSyntaxException.NotReadHere($"It lists the serial {serial}, which is {old}; RFC 5280 allows none such.");
    }

    private static Revocation ReadWithExtensions(RevokedSerial serial, long date, byte[] encoded, ReadList list)
    {
        (byte reason, long invalidity, bool others) = ((byte)0, 0L, false);
        foreach (CertificateExtension extension in CrlExtensions.ReadOfEntry(encoded, MaxExtensions))
        {
            if (extension.Oid == CrlExtensions.ReasonCode)
                reason = ReasonOf(CrlExtensions.ReadReason(extension.Value), list);
            else if (extension.Oid == CrlExtensions.InvalidityDate)
                invalidity = CrlExtensions.ReadInvalidity(extension.Value);
            else
                others = true;
        }
        list.OtherEntryExtensions += others ? 1 : 0;
        return new Revocation(serial, date, reason, invalidity);
    }

    private static byte ReasonOf(int code, ReadList list)
    {
        if (code != 0 && !RevocationReasons.IsCode(code))
            throw new CrlSyntaxException($"The reason code {code} does not exist.");
        list.UnspecifiedWritten += code == 0 ? 1 : 0;
        return (byte)code;
    }

    // Entries are at most 4096 bytes: the length was checked by ReadElement.
    private static int HeaderOf(ReadOnlySpan<byte> element) => element[1] < 0x80 ? 2 : 2 + (element[1] & 0x7F);

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, byte tag)
    {
        // Serial and date are short; a long form could only be a longer way to write the same.
        if (rest.Length < 2 || rest[0] != tag || rest[1] > rest.Length - 2)
            throw new CrlSyntaxException($"In an entry, tag {tag:x2} with a short length is expected.");
        ReadOnlySpan<byte> content = rest.Slice(2, rest[1]);
        rest = rest[(2 + rest[1])..];
        return content;
    }

    private sealed class ReadList
    {
        private readonly ReasonTally _reasons = new();
        private IReadOnlyList<CertificateExtension> _extensions = [];
        private RevokedSerial _last;
        private long _count;
        private long _latest;
        private bool _sorted = true;

        public int Version { get; set; }

        public ReadOnlyMemory<byte> Algorithm { get; set; }

        public HashAlgorithmName? HashAlgorithm { get; set; }

        public IReadOnlyDictionary<string, PureVerifier> Verifiers { get; set; } = ImmutableDictionary<string, PureVerifier>.Empty;

        public DistinguishedName? Issuer { get; set; }

        public EncodedTime? ThisUpdate { get; set; }

        public EncodedTime? NextUpdate { get; set; }

        public long TbsLength { get; set; }

        public byte[][] Hashes { get; set; } = [];

        public long UnspecifiedWritten { get; set; }

        public long MisformedDates { get; set; }

        public long OtherEntryExtensions { get; set; }

        public void Count(in Revocation entry)
        {
            _count++;
            _reasons.Add(entry);
            if (entry.Serial.CompareTo(_last) <= 0)
                _sorted = false;
            _last = entry.Serial;
            _latest = Math.Max(_latest, Math.Max(entry.DateSeconds, entry.InvaliditySeconds));
        }

        public void ReadExtensions(IReadOnlyList<CertificateExtension> extensions) => _extensions = extensions;

        public CrlFacts ToFacts(long length, byte[] sha256, byte[] signature) => new()
        {
            Version = Version,
            Issuer = Issuer!,
            SignatureAlgorithm = Algorithm,
            ThisUpdate = ThisUpdate!,
            NextUpdate = NextUpdate,
            Extensions = _extensions,
            AuthorityKeyIdentifier = CrlExtensions.KeyIdentifierIn(_extensions),
            Number = CrlExtensions.NumberIn(_extensions),
            DistributionPoint = CrlExtensions.DistributionPointIn(_extensions),
            Count = _count,
            ByReason = _reasons.ToCounts(),
            IsSorted = _sorted,
            UnspecifiedWritten = UnspecifiedWritten,
            MisformedDates = MisformedDates,
            OtherEntryExtensions = OtherEntryExtensions,
            LatestDate = _count == 0 ? null : Revocation.Time(_latest),
            Length = length,
            Sha256 = sha256,
            TbsSha256 = Hashes[0],
            TbsLength = TbsLength,
            // Without the cast, no array would become memory of no bytes, which is a hash.
            SignatureHash = HashAlgorithm is null ? default(ReadOnlyMemory<byte>?) : Hashes[^1],
            PureVerdicts = Verifiers.ToImmutableDictionary(one => one.Key, one => one.Value.Judge(signature)),
            Signature = signature,
        };
    }
}
