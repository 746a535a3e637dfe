namespace LlmdAspire.AppHost.Publish;

/// <summary>What the objects are called: as in the seeds, with the postfix in each name, so that two installations live in one namespace.</summary>
/// <param name="Postfix">Null where the seed's names have none.</param>
internal sealed record ClusterNames(string? Postfix)
{
    /// <summary>Names become DNS labels: those of Services, of pods' hosts, of label values.</summary>
    public const int MaxLength = 63;

    /// <summary>Prefix of what belongs to the model's engines.</summary>
    public string ModelService => With("ms", "llm-d-modelservice");

    public string Decode => $"{ModelService}-decode";

    public string Prefill => $"{ModelService}-prefill";

    /// <summary>The route to the engines.</summary>
    public string Route => ModelService;

    public string Pool => Postfix is null ? ModelService : $"gaie-{Postfix}";

    public string Picker => $"{Pool}-epp";

    public string Gateway => Postfix is null ? "llm-d-infra-inference-gateway" : $"infra-{Postfix}-inference-gateway";

    /// <summary>The stack's own router, where it stands in front.</summary>
    public string Router => With("vllm-router");

    /// <summary>The benchmark's Job.</summary>
    public string Benchmark => With("run-benchmark");

    /// <summary>The Job that tests the prefix cache.</summary>
    public string PrefixCacheTest => With("prefix-cache-test");

    /// <summary>The index of KV caches.</summary>
    public string KvIndexer => With("kv-indexer");

    /// <summary>The longest postfix with which every name is short enough.</summary>
    public static int MaxPostfixLength => MaxLength - new ClusterNames("").Longest;

    // Istio names the gateway's Service after the gateway and its class.
    private int Longest => new[] { Prefill, Picker, $"{Gateway}-istio", Router }.Max(name => name.Length);

    private string With(params string[] parts) => string.Join('-', Postfix is null ? parts : [parts[0], Postfix, .. parts[1..]]);
}
