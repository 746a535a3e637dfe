using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults;

/// <summary>The spellings of <c>--log-level</c>: vLLM's, vllm-router's and .NET's.</summary>
internal static class LogLevels
{
    public static bool TryParse(string text, out LogLevel level)
    {
        LogLevel? found = text.ToLowerInvariant() switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" or "information" => LogLevel.Information,
            "warn" or "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            "critical" or "fatal" => LogLevel.Critical,
            _ => null,
        };
        level = found ?? LogLevel.Information;
        return found is not null;
    }
}
