using System.Globalization;

namespace LlmdAspire.AppHost.Publish;

/// <summary>The labels by which pools, pickers and monitors find engines.</summary>
internal static class EngineLabels
{
    private const string Serving = "llm-d.ai/inference-serving";
    private const string Model = "llm-d.ai/model";
    private const string Role = "llm-d.ai/role";

    // The seeds' spelling, which their own dashboards and commands still use.
    private const string ServingInSeeds = "llm-d.ai/inferenceServing";

    // Where metrics do not tell how many ranks share a pod's port, this does.
    private const string Ranks = "llm-d.ai/data-parallel-size";

    /// <summary>All pods of an installation's engines, those that serve requests and those that only compute for them.</summary>
    public static Dictionary<string, string> OfModel(ClusterNames names) => new() { [Model] = names.ModelService };

    /// <summary>Those that serve requests.</summary>
    public static Dictionary<string, string> OfPool(ClusterNames names) => new() { [Serving] = "true", [Model] = names.ModelService };

    /// <summary>All pods of the engines of one role.</summary>
    public static Dictionary<string, string> OfRole(ClusterNames names, string role) => new(OfModel(names)) { [Role] = role };

    /// <summary>What the pods that serve carry.</summary>
    public static Dictionary<string, string> OfPods(ClusterNames names, string role, EngineGroup group)
    {
        var labels = new Dictionary<string, string>(OfPool(names)) { [Role] = role, [ServingInSeeds] = "true" };
        if (group.DataParallel > 1)
        {
            labels[Ranks] = group.DataParallel.ToString(CultureInfo.InvariantCulture);
        }

        return labels;
    }
}
