using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Where in a cluster the endpoints come from: a pool, or a choice of pods that the command line made.</summary>
/// <param name="Pool">Name of the InferencePool; null when <paramref name="Choice"/> is given.</param>
/// <param name="PoolGroup">API group of the pool.</param>
/// <param name="Choice">Null when the pool makes it.</param>
internal sealed record ClusterSource(string Namespace, string? Pool, string PoolGroup, PodChoice? Choice)
{
    /// <summary>The pool as what is watched.</summary>
    public ApiResource PoolResource => InferencePools.Resource(PoolGroup, Namespace, Pool!);

    /// <summary>Objectives, of which those of other pools do not count; in older clusters they are of the pool's group.</summary>
    public ApiResource Objectives => new(PoolGroup == InferencePools.Group ? "llm-d.ai" : PoolGroup, "v1alpha2", Namespace, "inferenceobjectives");

    public ApiResource PodsOf(PodChoice choice) => new("", "v1", Namespace, "pods") { LabelSelector = choice.Selector };
}
