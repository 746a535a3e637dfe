using LlmdAspire.Router.Policies.Hashing;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Policies.Sessions;

namespace LlmdAspire.Router.Policies;

/// <summary>The policies that <c>--policy</c> can name.</summary>
internal static class PolicyCatalog
{
    /// <summary>The policy that needs a KvIndexer.</summary>
    public const string KvAware = "kv_aware";

    private static readonly (string Name, Func<PolicyOptions, IRoutingPolicy> Create)[] s_policies =
    [
        ("cache_aware", options => new CacheAwarePolicy(options.CacheAware, options.Time)),
        ("consistent_hash", _ => new ConsistentHashPolicy()),
        (KvAware, options => new KvAwarePolicy(options.CacheAware, options.Time)),
        ("power_of_two", _ => new PowerOfTwoPolicy(Random.Shared)),
        ("random", _ => new RandomPolicy(Random.Shared)),
        ("rendezvous_hash", _ => new RendezvousHashPolicy()),
        ("round_robin", _ => new RoundRobinPolicy()),
        ("sticky_least_loaded", options => new StickyLeastLoadedPolicy(options.SessionExpiry, StickyLeastLoadedPolicy.DefaultCapacity, options.Time)),
    ];

    /// <summary>All names, for people.</summary>
    public static string Names => string.Join(", ", s_policies.Select(policy => policy.Name));

    /// <summary>What is wrong with a name, as the end of a sentence; null when it can be created.</summary>
    public static string? FindMistake(string? name) => name switch
    {
        null => null,
        "scheduler" => "is not supported in this process yet; run the Epp with that file and give --epp URL instead",
        "epp" => "is what --epp URL does; leave the policy out",
        _ when Array.Exists(s_policies, policy => policy.Name == name) => null,
        _ => $"must be one of {Names}",
    };

    /// <summary>A new policy; the name must be known.</summary>
    public static IRoutingPolicy Create(string name, PolicyOptions options) => Array.Find(s_policies, policy => policy.Name == name).Create(options);
}
