using Microsoft.AspNetCore.Builder;

namespace LlmdAspire.ServiceDefaults.Telemetry;

/// <summary>Marks endpoints that leave no spans: they are called so often that they would bury the requests one looks for.</summary>
public static class Untraced
{
    /// <summary>Leaves no span for this endpoint, nor for anything done while answering it.</summary>
    public static TBuilder WithoutTrace<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(Mark.Instance));
        return builder;
    }

    /// <summary>Whether a path is one that probes call, wherever it is mapped.</summary>
    internal static bool IsProbe(string? path) =>
        path is "/health" or "/alive" or "/metrics" or "/version" or "/readiness" or "/liveness";

    internal sealed class Mark
    {
        public static readonly Mark Instance = new();
    }
}
