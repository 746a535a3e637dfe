using System.Text;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>Header names that nearly every request carries, so that reading them allocates nothing.</summary>
internal static class KnownHeaderNames
{
    // Longer than any known name; longer ones skip the comparison.
    private const int MaxLength = 64;

    private static readonly string[] s_names =
    [
        ":method", ":path", ":authority", ":scheme", ":status", "content-type", "content-length", "transfer-encoding", "accept", "accept-encoding", "accept-language", "user-agent",
        "authorization", "cookie", "host", "connection", "date", "server", "cache-control", "x-request-id", "traceparent", "tracestate", "baggage",
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-envoy-external-address", "x-envoy-internal", "x-envoy-upstream-service-time",
        "x-envoy-expected-rq-timeout-ms", "x-envoy-attempt-count", "x-envoy-decorator-operation", "x-session-id", "x-session-token",
        "x-gateway-destination-endpoint", "x-gateway-destination-endpoint-served", "x-gateway-inference-objective", "x-gateway-inference-fairness-id",
        "x-llm-d-inference-objective", "x-llm-d-inference-fairness-id", "x-prefiller-host-port", "x-data-parallel-rank",
    ];

    private static readonly (byte[] Utf8, string Name)[][] s_byLength = ByLength();

    /// <summary>The name for these bytes, in lower case.</summary>
    public static string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < MaxLength)
        {
            foreach (var (known, name) in s_byLength[utf8.Length])
            {
                if (utf8.SequenceEqual(known))
                {
                    return name;
                }
            }
        }

        var text = Encoding.UTF8.GetString(utf8);
        return text.AsSpan().ContainsAnyInRange('A', 'Z') ? text.ToLowerInvariant() : text;
    }

    private static (byte[], string)[][] ByLength() =>
        [.. Enumerable.Range(0, MaxLength).Select(length => s_names.Where(name => name.Length == length).Select(name => (Encoding.UTF8.GetBytes(name), name)).ToArray())];
}
