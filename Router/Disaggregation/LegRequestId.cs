using System.Globalization;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>The request id that both legs share on their way to the engines; the client's own id stays its own.</summary>
internal static class LegRequestId
{
    /// <summary>An id in vllm-router's form, from which connectors that need it read both addresses.</summary>
    public static string Create(Worker prefill, Worker decode) => string.Create(
        CultureInfo.InvariantCulture,
        $"___prefill_addr_{Address(prefill)}___decode_addr_{Address(decode)}_{Guid.NewGuid():N}");

    private static string Address(Worker worker) => string.Create(CultureInfo.InvariantCulture, $"{worker.Id.Host}:{worker.Id.Port}");
}
