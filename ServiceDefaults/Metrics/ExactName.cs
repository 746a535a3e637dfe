namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>Exposes an instrument under a name that exists elsewhere, so that dashboards made for that name keep working.</summary>
/// <remarks>
/// <code>meter.CreateCounter&lt;long&gt;("llmd.router.requests", "{request}", "Requests.", [ExactName.Tag("vllm_router_requests_total")])</code>
/// <c>/metrics</c> shows the given name; OTLP shows the instrument's own. An instrument whose name holds a colon
/// (<c>vllm:num_requests_running</c>) is exposed as it is without this, but OTLP leaves it out, because OpenTelemetry allows no colon.
/// </remarks>
public static class ExactName
{
    internal const string TagName = "prometheus.name";

    /// <summary>The instrument tag that carries the name; it does not become a label.</summary>
    /// <param name="name">The whole name, with <c>_total</c> for a counter.</param>
    public static KeyValuePair<string, object?> Tag(string name) => new(TagName, name);
}
