using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Groups of pods that are one thing together: a leader and its workers, which come and go as one.</summary>
public sealed class LeaderWorkerSet() : BaseKubernetesResource(ApiVersionName, KindName)
{
    public const string ApiVersionName = "leaderworkerset.x-k8s.io/v1";
    public const string KindName = "LeaderWorkerSet";

    public LeaderWorkerSetSpec Spec { get; } = new();
}

/// <summary>How many groups, and of what.</summary>
public sealed class LeaderWorkerSetSpec
{
    /// <summary>Null when something else decides.</summary>
    public int? Replicas { get; set; }

    public string StartupPolicy { get; set; } = "LeaderCreated";

    public GroupRollout RolloutStrategy { get; } = new();

    public GroupTemplate LeaderWorkerTemplate { get; } = new();
}

/// <summary>How old groups give way to new ones.</summary>
public sealed class GroupRollout
{
    public string Type { get; } = "RollingUpdate";

    public GroupRollingUpdate RollingUpdateConfiguration { get; } = new();
}

/// <summary>How many groups may be added or missing during an update.</summary>
public sealed class GroupRollingUpdate
{
    public int MaxSurge { get; set; }

    public int MaxUnavailable { get; set; } = 1;
}

/// <summary>A group: its pods, and what happens when one of them fails.</summary>
public sealed class GroupTemplate
{
    /// <summary>Pods of a group, the leader included.</summary>
    public int Size { get; set; }

    public string RestartPolicy { get; set; } = "RecreateGroupOnPodRestart";

    public PodTemplateSpecV1? LeaderTemplate { get; set; }

    public PodTemplateSpecV1? WorkerTemplate { get; set; }
}
