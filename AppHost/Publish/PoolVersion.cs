using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Which InferencePool the gateway knows.</summary>
internal enum PoolVersion
{
    V1,

    /// <summary>The one of gateways from before v1, in a group of its own.</summary>
    V1Alpha2,
}

internal static class PoolVersions
{
    public static IReadOnlyDictionary<string, PoolVersion> ByName { get; } = new Dictionary<string, PoolVersion> { ["v1"] = PoolVersion.V1, ["v1alpha2"] = PoolVersion.V1Alpha2 };

    /// <summary>API group of the pools.</summary>
    public static string Group(this PoolVersion version) => version == PoolVersion.V1 ? InferencePool.Group : AlphaInferencePool.Group;

    /// <summary>API group of objectives beside them; llm-d took these over when pools became v1.</summary>
    public static string ObjectiveGroup(this PoolVersion version) => version == PoolVersion.V1 ? InferenceObjective.Group : AlphaInferencePool.Group;
}
