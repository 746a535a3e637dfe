using LlmdAspire.Router.Policies;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    public Flag<double> CacheThreshold { get; }

    public Flag<int> BalanceAbsThreshold { get; }

    public Flag<double> BalanceRelThreshold { get; }

    public Flag<int> EvictionInterval { get; }

    public Flag<long> MaxTreeSize { get; }

    private RoutingPolicies CreatePolicies()
    {
        var options = new PolicyOptions
        {
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
