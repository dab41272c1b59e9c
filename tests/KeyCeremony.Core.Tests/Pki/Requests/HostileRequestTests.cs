using KeyCeremony.Core.Pki;
using KeyCeremony.Core.Pki.Requests;

namespace KeyCeremony.Core.Tests.Pki.Requests;

/// <summary>Every hostile request, read from its file, is refused by the rule in the file's name.</summary>
[Trait("Takes", "long")]
public sealed class HostileRequestTests
{
    [Fact]
    public void Every_hostile_request_is_refused_by_its_own_rule()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-hostile-");
        try
        {
            HostileRequests.WriteTo(folder.FullName);
            var files = folder.GetFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();

            Assert.True(files.Count > 105, $"only {files.Count} files");
            Assert.Equal([], files.Select(file => (file.Name, Rule: RuleOf(file)))
                .Where(file => !file.Name.StartsWith(file.Rule + "-", StringComparison.Ordinal))
                .Select(file => $"{file.Name}: {file.Rule}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_rule_that_one_file_can_break_is_broken_by_a_hostile_request()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-hostile-");
        try
        {
            HostileRequests.WriteTo(folder.FullName);
            var broken = folder.GetFiles().Select(file => file.Name.Split('-')).Select(parts => $"{parts[0]}-{parts[1]}").ToHashSet();
            // Compared with a script, a told hash, a register or a disk: no file breaks these alone. NAME-16 is about granted names.
            // NAME-01 to NAME-07, NAME-14 and NAME-15 are about names that we write.
            string[] others = [RequestRules.Readable.Id, RequestRules.Compared.Id, "REQ-2", "REQ-3", "REQ-4", "PUBKEY-2",
                NameRules.Environment.Id,
                .. new[] { 1, 2, 3, 4, 5, 6, 7, 14, 15 }.Select(n => $"NAME-{n:D2}")];
            IEnumerable<string> expected = RequestRules.All.Concat(PublicKeyRules.All).Concat(NameRules.All)
                .Select(rule => rule.Id).Where(id => !others.Any(other => id.StartsWith(other, StringComparison.Ordinal)));

            Assert.Equal([], expected.Except(broken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The hash is wrong, or what is said beside it: each has a cause of its own and a remedy that mends it.</summary>
    [Theory]
    [InlineData("REQ-11-RSA-with-SHA-1.der", "The request is signed with sha1WithRSAEncryption.", "openssl req -sha256)")]
    [InlineData("REQ-11-RSA-with-MD5.der", "The request is signed with md5WithRSAEncryption.", "openssl req -sha256)")]
    [InlineData("REQ-11-ECDSA-with-SHA-1.der", "The request is signed with ecdsa-with-SHA1.", "openssl req -sha256)")]
    [InlineData("REQ-11-PSS-with-SHA-1.der", "a salt that is not as long as that hash", "rsa_pss_saltlen:digest")]
    [InlineData("REQ-11-RSA-without-NULL.der", "sha256WithRSAEncryption, and its algorithm has other parameters", "with a current tool")]
    [InlineData("REQ-11-ECDSA-with-NULL.der", "ecdsa-with-SHA256, and its algorithm has other parameters", "with a current tool")]
    [InlineData("REQ-11-RSA-algorithm-for-an-EC-key.der", "An EC key cannot sign with sha256WithRSAEncryption.", "with a current tool")]
    public void A_signature_that_is_not_taken_is_refused_with_its_own_cause(string name, string cause, string remedy)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("keyceremony-hostile-");
        try
        {
            HostileRequests.WriteTo(folder.FullName);
            Assert.False(RequestFile.TryRead(File.ReadAllBytes(Path.Combine(folder.FullName, name)), out _, out Refusal? refusal));
            Assert.Equal("REQ-11", refusal.Rule);
            Assert.Contains(cause, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_name_that_is_not_taken_may_be_any_that_people_can_read()
    {
        Assert.True(HostileRequests.OtherPeoplesNames().Count() > 12);
        Assert.All(HostileRequests.OtherPeoplesNames(), request =>
            Assert.True(RequestFile.TryRead(request.Bytes, out _, out Refusal? refusal), $"{request.Name}: {refusal}"));
    }

    private static string RuleOf(FileInfo file) =>
        RequestFile.TryRead(File.ReadAllBytes(file.FullName), out _, out Refusal? refusal) ? "accepted" : refusal.Rule;
}
