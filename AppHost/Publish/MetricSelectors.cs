namespace LlmdAspire.AppHost.Publish;

/// <summary>Label matchers of PromQL for what an installation's monitors scrape, so that another one's numbers do not count.</summary>
internal static class MetricSelectors
{
    private const string Namespace = "{{ .Release.Namespace }}";

    /// <summary>All engines: the job is the PodMonitor.</summary>
    public static string Engines(ClusterPlan plan) => $"{{job=\"{Namespace}/{plan.Names.ModelService}\"}}";

    /// <summary>The engines of one Deployment or LeaderWorkerSet, whose pods' names begin with its own.</summary>
    public static string Engines(ClusterPlan plan, string name) => $"{{job=\"{Namespace}/{plan.Names.ModelService}\",pod=~\"{name}-.+\"}}";

    /// <summary>One of this stack's services: the job is the Service.</summary>
    public static string Service(string name) => $"{{job=\"{name}\",namespace=\"{Namespace}\"}}";
}
