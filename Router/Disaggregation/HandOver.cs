using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>What a prefill leg left for the decode leg.</summary>
/// <param name="Prefill">Who computed the prompt.</param>
/// <param name="Decode">Who was to take over when the prefill leg began: the shared request id names both.</param>
/// <param name="RequestId">The request id of both legs, as engines see it.</param>
/// <param name="Params">The engine's <c>kv_transfer_params</c>; null when it gave none, and the decode engine computes the prompt itself.</param>
/// <param name="At">When the parameters arrived.</param>
internal sealed record HandOver(Worker Prefill, LegChoice Decode, string RequestId, ReadOnlyMemory<byte>? Params, long At)
{
    // vLLM keeps the blocks of an unclaimed prompt for 30 s; what is freed may be overwritten, and fetching it would give a wrong answer.
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(20);

    /// <summary>Whether a decode engine may still fetch the blocks.</summary>
    /// <param name="reachedAnEngine">An earlier decode leg reached its engine, which may have fetched and so released them.</param>
    public bool IsValid(TimeProvider time, bool reachedAnEngine) =>
        Params is not null && !reachedAnEngine && time.GetElapsedTime(At) < s_lease;
}
