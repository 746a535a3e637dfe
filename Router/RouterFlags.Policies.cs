using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Sessions;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    public Flag<double> CacheThreshold { get; }

    public Flag<int> BalanceAbsThreshold { get; }

    public Flag<double> BalanceRelThreshold { get; }

    public Flag<int> EvictionInterval { get; }

    public Flag<long> MaxTreeSize { get; }

    private static IEnumerable<string> FindPolicyMistakes()
    {
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
            PolicyCatalog.Create((PdDisaggregation ? DecodePolicy.Value : null) ?? Policy, options),
            PolicyCatalog.Create(PrefillPolicy.Value ?? Policy, options));
    }
}
