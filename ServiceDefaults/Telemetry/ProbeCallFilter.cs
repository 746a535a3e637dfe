using System.Diagnostics;
using OpenTelemetry;

namespace LlmdAspire.ServiceDefaults.Telemetry;

/// <summary>Keeps calls that this process makes to others' probes out of the traces.</summary>
internal sealed class ProbeCallFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        // The URL is known only once the span was started, too late for a sampler; an exporter skips what is not recorded.
        if (data.Source.Name == "System.Net.Http"
            && data.GetTagItem("url.full") is string url
            && Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && Untraced.IsProbe(uri.AbsolutePath))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
