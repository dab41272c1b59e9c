namespace KeyCeremony.Receiver.Tests;

/// <summary>One browser at a time: every visit has a camera to keep up with.</summary>
[CollectionDefinition(Name)]
public sealed class PageCollection : ICollectionFixture<Page>
{
    public const string Name = "the page";
}
