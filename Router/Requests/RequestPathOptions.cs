using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Requests;

/// <summary>How requests are taken in, kept and sent to engines.</summary>
internal sealed record RequestPathOptions
{
    public required ForwardingOptions Forwarding { get; init; }

    public required RetryOptions Retry { get; init; }

    public required long MaxPayloadBytes { get; init; }

    public required long MaxBufferedBytes { get; init; }

    public IReadOnlyList<string> RequestIdHeaders { get; init; } = ["x-request-id"];

    public AdmissionOptions Admission { get; init; } = new(int.MaxValue, int.MaxValue, 0, TimeSpan.Zero);

    /// <summary>By default one that never opens.</summary>
    public BreakerOptions Breaker { get; init; } = new(int.MaxValue, 1, TimeSpan.Zero);

    /// <summary>How long workers stay that only requests name; null where probes find out who is gone.</summary>
    public TimeSpan? ForgetLearnedAfter { get; init; }

    public RankSizes RankSizes { get; init; } = new(null, null, 1);

    public RoutingPolicies Policies { get; init; } = new(new RoundRobinPolicy(), new RoundRobinPolicy());

    public DisaggregationOptions Disaggregation { get; init; } = new(Enabled: false, Pairing: null);
}
