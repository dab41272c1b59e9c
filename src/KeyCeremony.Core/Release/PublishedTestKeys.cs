using System.Collections.Frozen;

namespace KeyCeremony.Core.Release;

/// <summary>
/// Keys whose private half anybody can fetch, because a project publishes it for its tests and examples. Devices were sold that trust
/// them. Each stands here by SHA-256 of its SubjectPublicKeyInfo, and the keys of MCUboot also by the hash that its images name them by.
/// </summary>
public static class PublishedTestKeys
{
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        // MCUboot, its root folder: SubjectPublicKeyInfo. Of an EC or Ed25519 key that is also what an image names.
        ["a14bcb1bf9bb821146ba32838217e476f5412621320534ffe490a1890c994660"] = "MCUboot root-rsa-2048",
        ["159d8b7930769d887f3ff0b4e9ec176b82313663f2ef76dc24f5e964da1bc482"] = "MCUboot root-rsa-3072",
        ["e30466f6b8470c1f29070b17f1e2d3e94d445e3f608087fdc711e4382bb538b6"] = "MCUboot root-ec-p256",
        ["6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8"] = "MCUboot root-ec-p384",
        ["c1907fa4eac7fae3840a78902b6f0710b037e9968e5c6274a12a28790c7d4e3c"] = "MCUboot root-ed25519",
        ["6754edab1e29affef4a05935adecbeb1a7b8b62397b31e39a61b5bfcaafd63af"] = "MCUboot root-ed25519-2",
        ["b1d87d60173352b9a4808979790fc699fb4c4f83b49cf1970edd96ff4adc36a6"] = "MCUboot root-ed25519-unknown",
        ["95ac5d264689fa25b14a87a9bc950abfb1a77e5e628e7b13b5f1940c9a1c65b8"] = "MCUboot enc-rsa2048",
        ["3c23fc4e1d332a0c86e6a8bf6ecf26046d702302e135bf53fc04a009a33a78c5"] = "MCUboot enc-ec256",
        // The hash that an image names an RSA key by: SHA-256 of its RSAPublicKey (RFC 8017 A.1.1).
        ["fc5701dc6135e1323847bdc40f04d2e5bee5833b23c29f93593d00018cfa9994"] = "MCUboot root-rsa-2048",
        ["449793fb65cd7698753d5b3f35fab15f1e3a45111ff24e1d46741de5ae12d59e"] = "MCUboot root-rsa-3072",
        // With SHA-384 and SHA-512 images the same keys are named by those hashes.
        ["85b7bd5f5dff9a03a99927adaf6ca6febde822c1a480928324a8e60323715c5779461c496a95aee8c4f90b99779f848a"] = "MCUboot root-ec-p384",
        ["73590e9134e142c440ef5aa3260dd6e3923a9c367a2de9da685891713babcca2c8de576ea0b8d865b42b47c27ef4d411893986eab8a0a5724ed5fe47a7b4ba8b"]
            = "MCUboot root-ec-p256",
        ["e3e129b49f1218e18e4614acb2523389c75852ebb98b4d2c6171a2fc65706ba3d1ddf85f52e71450c3e572e624695fafd41ce4d9354d6c2b19f7d6001a6ae8b0"]
            = "MCUboot root-ed25519",
        // Android, build/make/target/product/security.
        ["ef57b690165cb561b5026922c00d2d6574e8b184fa7d161e076f06e06e6d35db"] = "Android testkey",
        ["3d3df7dc9bf26e02d4cd76256d41d45e41a4dedebe7feb95c40e3697681be8a7"] = "Android platform test key",
        ["2b59625f19b7d0d143a69fb7a02d42b151480ddfe60b0572070ac24afca212a0"] = "Android shared test key",
        ["091377d6fd00e4e217b750571d45cbe1a32c7fa74075138fc529fdf162b5416f"] = "Android media test key",
        ["7bfcc5541e9f18e3738b1d5fa0b8524d44bac99424cfdcc6594d9386d4daaf15"] = "Android networkstack test key",
        ["de5b1ddc59331bbdeee26d6467dd4f9fc09719098ba7dcb6a973045781a0e36c"] = "Android bluetooth test key",
        ["9318ca97d2c148ca94639603b68d0928068158113d23a1cfca30acc4df2cac37"] = "Android nfc test key",
        ["d2e67bf7c0aaa67f3a4f7dc35dd2d45aa111a91e06a2cc517eaf9c249de31454"] = "Android sdk_sandbox test key",
        ["4d850245247af73aaf72fe598c7c7ef73f618391d771763299d5f5139ca43f2c"] = "Android cts_uicc_2021 test key",
    }.ToFrozenDictionary();

    /// <param name="hash">Of the key, lower-case hex.</param>
    /// <returns>Whose key it is, or null.</returns>
    public static string? NameOf(string hash) => Names.GetValueOrDefault(hash);
}
