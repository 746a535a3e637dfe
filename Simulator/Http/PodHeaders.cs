using System.Globalization;

namespace LlmdAspire.Simulator.Http;

/// <summary>Headers that tell which pod has answered, as llm-d-inference-sim sends them where the pod's environment names it.</summary>
internal sealed class PodHeaders(string? pod, string? podNamespace)
{
    public static PodHeaders FromEnvironment() =>
        new(Environment.GetEnvironmentVariable("POD_NAME"), Environment.GetEnvironmentVariable("POD_NAMESPACE"));

    public void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (!string.IsNullOrEmpty(pod))
        {
            headers["x-inference-pod"] = pod;
            headers["x-inference-port"] = context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        }

        if (!string.IsNullOrEmpty(podNamespace))
        {
            headers["x-inference-namespace"] = podNamespace;
        }
    }
}
