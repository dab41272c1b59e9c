using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>Microsoft's own attribute asks for extensions as PKCS #9's does.</summary>
public sealed class MicrosoftRequestTests
{
    private static readonly byte[] Ca = RequestWriter.Extension(Oids.BasicConstraints, Der.Sequence(Der.True), critical: true);
    private static readonly byte[] Name = RequestWriter.Extension(Oids.SubjectAlternativeName,
        Der.Sequence(Der.Value(0x82, "example.com"u8.ToArray())));

    [Fact]
    public void Two_attributes_that_ask_for_other_things_are_refused()
    {
        Assert.False(SigningRequest.TryRead(Asking(Microsofts(Name), RequestWriter.ExtensionRequest(Ca)), out _, out Refusal? refusal));
        Assert.Equal("REQ-07", refusal.Rule);
        Assert.Contains("Microsoft's attribute", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_critical_extension_is_refused_in_either()
    {
        byte[] unknown = RequestWriter.Extension("1.2.3.4", Der.Null, critical: true);
        Assert.False(SigningRequest.TryRead(Asking(Microsofts(unknown)), out _, out Refusal? refusal));
        Assert.Equal("REQ-09", refusal.Rule);
    }

    [Fact]
    public void Alone_or_with_the_same_beside_it_it_is_read()
    {
        byte[] both = Asking(Microsofts(Ca, Name), RequestWriter.ExtensionRequest(Ca, Name));
        foreach (byte[] request in new[] { Asking(Microsofts(Ca, Name)), both })
        {
            SigningRequest read = SigningRequest.TryRead(request, out SigningRequest? it, out Refusal? refusal) ? it
                : throw new InvalidOperationException(refusal.ToString());
            Assert.True(read.Asked.BasicConstraints?.IsCa);
            Assert.Equal(2, read.Asked.All.Count);
            Assert.Empty(read.OtherAttributes);
        }
    }

    /// <summary>What was written before is replayed as it was read then.</summary>
    [Fact]
    public void Before_format_7_it_was_an_attribute_that_nobody_looked_at()
    {
        byte[] request = Asking(Microsofts(Name), RequestWriter.ExtensionRequest(Ca));
        Assert.True(RequestFile.TryRead(request, out RequestFile? read, out _, readsMicrosofts: false));
        Assert.Equal([Oids.MicrosoftExtensionRequest], Assert.IsType<SigningRequest>(read).OtherAttributes);
    }

    /// <summary>Some tools leave the attributes as they come: that it is this is said, and not that the file is cut off.</summary>
    [Fact]
    public void Attributes_out_of_order_are_named()
    {
        byte[] one = RequestWriter.Attribute("1.2.840.113549.1.9.2", Der.Utf8("factory")), other = RequestWriter.ExtensionRequest(Ca);
        Assert.True(RequestFile.TryRead(Asking(one, other), out _, out _));
        Assert.False(RequestFile.TryRead(new RequestWriter
        {
            Attributes = [.. new[] { one, other }.OrderByDescending(Convert.ToHexString, StringComparer.Ordinal)],
        }.Write(), out _, out Refusal? refusal));
        Assert.Equal("REQ-03", refusal.Rule);
        Assert.Equal("The file is not a PKCS #10 request as it must be: its attributes do not stand in the order that DER gives a set "
            + "(X.690 11.6).", refusal.Message);
    }

    private static byte[] Microsofts(params byte[][] extensions) =>
        RequestWriter.Attribute(Oids.MicrosoftExtensionRequest, Der.Sequence(extensions));

    // The attributes are a SET OF, which DER sorts.
    private static byte[] Asking(params byte[][] attributes) => new RequestWriter
    {
        Attributes = [.. attributes.OrderBy(Convert.ToHexString, StringComparer.Ordinal)],
    }.Write();
}
