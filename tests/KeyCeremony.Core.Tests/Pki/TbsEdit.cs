using System.Formats.Asn1;
using System.Security.Cryptography;
using KeyCeremony.Core.Pki;

namespace KeyCeremony.Core.Tests.Pki;

/// <summary>A v3 TBSCertificate under the knife; fields by RFC 5280's names.</summary>
internal sealed class TbsEdit(byte[] tbs)
{
    private readonly DerNode _tbs = DerNode.Parse(tbs);

    public DerNode Fields => _tbs;

    public DerNode Version => _tbs[0][0];

    public DerNode Serial => _tbs[1];

    public DerNode Signature
    {
        get => _tbs[2];
        set => _tbs[2] = value;
    }

    public DerNode Issuer
    {
        get => _tbs[3];
        set => _tbs[3] = value;
    }

    public DerNode NotBefore => _tbs[4][0];

    public DerNode NotAfter => _tbs[4][1];

    public DerNode Subject
    {
        get => _tbs[5];
        set => _tbs[5] = value;
    }

    public DerNode Key => _tbs[6];

    public List<DerNode> Extensions => _tbs.Children![^1][0].Children!;

    public byte[] Encode() => _tbs.Encode();

    public DerNode Extension(string oid) => Extensions.Single(extension => IsOid(extension[0], oid));

    public void Remove(string oid) => Extensions.Remove(Extension(oid));

    public void Add(string oid, bool critical, params byte[] value)
    {
        var id = DerNode.Parse(Oid(oid));
        var octets = DerNode.Primitive(0x04, value);
        Extensions.Add(critical ? DerNode.Sequence(id, DerNode.Primitive(0x01, 0xFF), octets) : DerNode.Sequence(id, octets));
    }

    /// <summary>Replaces what the extension's OCTET STRING holds.</summary>
    public void SetValue(string oid, params byte[] value) => Extension(oid).Children![^1].Value = value;

    public byte[] ValueOf(string oid) => Extension(oid).Children![^1].Value;

    public void ToggleCritical(string oid)
    {
        DerNode extension = Extension(oid);
        if (extension.Children!.Count == 3)
            extension.Children.RemoveAt(1);
        else
            extension.Children.Insert(1, DerNode.Primitive(0x01, 0xFF));
    }

    /// <summary>Changes the key's bits and, as a writer would, the identifiers that follow from them.</summary>
    public void ChangeKeyBits(Action<byte[]> change)
    {
        change(Key[1].Value);
#pragma warning disable CA5350 // the identifier's definition, RFC 5280 4.2.1.2 (1)
        byte[] identifier = SHA1.HashData(Key[1].Value.AsSpan(1));
#pragma warning restore CA5350
        SetValue(Oids.SubjectKeyIdentifier, [0x04, 20, .. identifier]);
        SetValue(Oids.AuthorityKeyIdentifier, [0x30, 22, 0x80, 20, .. identifier]);
    }

    public static byte[] Oid(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteObjectIdentifier(oid);
        return writer.Encode();
    }

    private static bool IsOid(DerNode node, string oid) => node.Encode().AsSpan().SequenceEqual(Oid(oid));
}
