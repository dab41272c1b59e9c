namespace KeyCeremony.Pkcs11.Tests;

/// <summary>The stub as its own toy token.</summary>
public sealed class ToyStub : IDisposable
{
    public ToyStub()
    {
        Path = StubModule.Build(AppContext.BaseDirectory);
        NativeEnvironment.Set("STUB_FORWARD", null);
        Module = Module.Load(Path);
        Module.Reinitialize();
    }

    public string Path { get; }

    public Module Module { get; }

    public TokenInfo Token => Module.Tokens()[0];

    public void SetRules(string rules) => StubModule.SetRules(Path, rules);

    public int Calls(string function) => StubModule.CountCalls(Path, function);

    public void Dispose() => SetRules("");
}

/// <summary>The stub in front of a SoftHSM2: real answers, until a rule says otherwise.</summary>
public sealed class StubbedSoftHsm : IDisposable
{
    private readonly string path = StubModule.Build(AppContext.BaseDirectory);

    public StubbedSoftHsm()
    {
        Hsm = new SoftHsm();
        NativeEnvironment.Set("STUB_FORWARD", SoftHsm.ModulePath);
        Module = Module.Load(path);
        StubModule.SetRules(path, "");
        Module.Reinitialize();
    }

    public SoftHsm Hsm { get; }

    public Module Module { get; }

    public void SetRules(string rules) => StubModule.SetRules(path, rules);

    public int Calls(string function) => StubModule.CountCalls(path, function);

    public Session OpenUserSession(TokenInfo token) => Hsm.OpenUserSession(token, Module);

    public TokenInfo Commission(string label) => Hsm.Commission(label, Module);

    public void Dispose()
    {
        SetRules("");
        NativeEnvironment.Set("STUB_FORWARD", null);
        Hsm.Dispose();
    }
}
