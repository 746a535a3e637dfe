namespace LlmdAspire.Router.Policies;

/// <summary>The policies that <c>--policy</c> can name.</summary>
internal static class PolicyCatalog
{
    private static readonly (string Name, Func<IRoutingPolicy> Create)[] s_policies =
    [
        ("power_of_two", () => new PowerOfTwoPolicy(Random.Shared)),
        ("random", () => new RandomPolicy(Random.Shared)),
        ("round_robin", () => new RoundRobinPolicy()),
    ];

    /// <summary>All names, for people.</summary>
    public static string Names => string.Join(", ", s_policies.Select(policy => policy.Name));

    public static bool Knows(string name) => Array.Exists(s_policies, policy => policy.Name == name);

    /// <summary>A new policy; the name must be known.</summary>
    public static IRoutingPolicy Create(string name) => Array.Find(s_policies, policy => policy.Name == name).Create();
}
