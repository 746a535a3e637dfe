namespace LlmdAspire.AppHost.Publish;

/// <summary>Where this stack's own images are.</summary>
/// <param name="Registry">Registry and path before the name.</param>
/// <param name="Tag">Version of all of them.</param>
internal sealed record ServiceImages(string Registry, string Tag)
{
    public const string DefaultRegistry = "ghcr.io/llmd-aspire";

    /// <summary>The version that this AppHost was built with.</summary>
    public static string DefaultTag { get; } = typeof(ServiceImages).Assembly.GetName().Version!.ToString(3);

    public string Picker => Of("epp");

    public string Router => Of("router");

    public string KvIndexer => Of("kv-indexer");

    public string Bench => Of("bench");

    /// <summary>The image of a service, without its tag.</summary>
    public string Of(string service) => $"{Registry}/{service}";
}
