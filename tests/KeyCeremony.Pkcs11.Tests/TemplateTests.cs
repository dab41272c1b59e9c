using System.Runtime.InteropServices;
using KeyCeremony.Pkcs11.Native;

namespace KeyCeremony.Pkcs11.Tests;

/// <summary>How the values of a template lie in memory.</summary>
public sealed unsafe class TemplateTests
{
    [Fact]
    public void Each_value_begins_where_a_structure_may_and_ends_with_a_zero_byte_that_does_not_count()
    {
        using Template template = new Template()
            .Add(Cryptoki.CKA_APPLICATION, "keyceremony")
            .Add(Cryptoki.CKA_TOKEN, true)
            .Add(Cryptoki.CKA_LABEL, "ledger-head")
            .Add(Cryptoki.CKA_CLASS, Cryptoki.CKO_DATA)
            .Add(Cryptoki.CKA_ID, (ReadOnlySpan<byte>)[1, 2, 3, 4, 5, 6, 7, 8]);

        var attributes = new ReadOnlySpan<CK_ATTRIBUTE>(template.Attributes, (int)template.Count);
        Assert.Equal([11UL, 1UL, 11UL, 8UL, 8UL], attributes.ToArray().Select(a => (ulong)a.ValueLength));
        foreach (CK_ATTRIBUTE attribute in attributes)
        {
            Assert.Equal(0UL, (nuint)attribute.Value % 8);
            Assert.Equal(0, ((byte*)attribute.Value)[attribute.ValueLength]);
        }

        Assert.Equal("keyceremony", Marshal.PtrToStringUTF8((nint)attributes[0].Value));
    }

    [Fact]
    public void A_template_holds_as_many_values_as_it_was_made_for()
    {
        using var template = new Template(1024);
        for (int i = 0; i < 16; i++)
        {
            template.Add(Cryptoki.CKA_VALUE, new byte[64]);
        }

        Assert.Equal(16UL, template.Count);
    }
}
