using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Sessions;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    public Flag<double> CacheThreshold { get; }

    public Flag<int> BalanceAbsThreshold { get; }

    public Flag<double> BalanceRelThreshold { get; }

    public Flag<int> EvictionInterval { get; }

    public Flag<long> MaxTreeSize { get; }

    public Flag<Uri?> KvIndexer { get; }

    public Flag<TimeSpan> KvIndexerDeadline { get; }

    public Flag<TimeSpan> KvIndexerTokenizeDeadline { get; }

    public LookupDeadlines LookupDeadlines => new(KvIndexerDeadline, KvIndexerTokenizeDeadline);

    /// <summary>Whether a policy wants to know what the KvIndexer knows.</summary>
    public bool AsksIndexer => ServingPolicy == PolicyCatalog.KvAware || (PdDisaggregation && PrefillPolicyName == PolicyCatalog.KvAware);

    private string ServingPolicy => (PdDisaggregation ? DecodePolicy.Value : null) ?? Policy;

    private string PrefillPolicyName => PrefillPolicy.Value ?? Policy;

    private static string? WhyPolicyFlagRefused(string name) => name switch
    {
        // vllm-router reads the engines' events itself.
        "--kv-model" or "--kv-tokenizer-path" or "--kv-hash-algo" or "--kv-hash-seed" or "--kv-block-size"
            or "--kv-events-topic-filter" or "--kv-events-port" or "--kv-events-endpoint" =>
            "is the KvIndexer's business here: start one with --engine URL,events=tcp://HOST:PORT for each engine, and name it with --kv-indexer URL",
        "--scheduler-config" => "is not supported in this process yet; run the Epp with that file and give --epp URL instead",
        _ => null,
    };

    private IEnumerable<string> FindPolicyMistakes()
    {
        if (AsksIndexer && KvIndexer.Value is null)
        {
            yield return "--policy kv_aware needs a KvIndexer to ask; give --kv-indexer URL, or use --policy cache_aware.";
        }

        if (SessionExpiry.Read(Environment.GetEnvironmentVariable(SessionExpiry.Variable), out _) is { } mistake)
        {
            yield return mistake;
        }
    }

    private RoutingPolicies CreatePolicies()
    {
        _ = SessionExpiry.Read(Environment.GetEnvironmentVariable(SessionExpiry.Variable), out var sessionExpiry);
        var options = new PolicyOptions
        {
            SessionExpiry = sessionExpiry,
            CacheAware = new()
            {
                Threshold = CacheThreshold,
                BalanceAbsolute = BalanceAbsThreshold,
                BalanceRelative = BalanceRelThreshold,
                EvictionInterval = TimeSpan.FromSeconds(EvictionInterval),
                MaxTreeSize = MaxTreeSize,
            },
        };
        return new(
            PolicyCatalog.Create(ServingPolicy, options),
            PolicyCatalog.Create(PrefillPolicyName, options));
    }
}
