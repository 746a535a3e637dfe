using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost;

/// <summary>What a run takes and publishing does not.</summary>
internal static class PublishMistakes
{
    private static readonly string[] s_runOnly = ["router-port", "dashboard-port", "simulator-time-scale", "resources-file"];

    /// <summary>Finds them all.</summary>
    /// <param name="given">The command line's options. What settings and variables say of runs may stay there while one publishes.</param>
    /// <param name="plan">What would be published.</param>
    /// <param name="mistakes">Where they go.</param>
    public static void Find(IReadOnlyDictionary<string, string> given, ClusterPlan plan, List<string> mistakes)
    {
        if (given.GetValueOrDefault("engines") == "simulator")
        {
            mistakes.Add("--engines is 'simulator', but what is published runs vLLM; leave it out.");
        }

        if (given.GetValueOrDefault("redis") == "on")
        {
            mistakes.Add("--redis is 'on', but a chart holds no Redis yet; leave it out.");
        }

        foreach (var name in s_runOnly)
        {
            if (given.TryGetValue(name, out var value))
            {
                mistakes.Add($"--{name} is '{value}', but it is for runs, and this publishes; leave it out.");
            }
        }

        // It becomes a part of a shell script and of a Helm template, which would take other characters for their own.
        if (!NamePatterns.PublishedModel().IsMatch(plan.Model))
        {
            mistakes.Add($"--model is '{plan.Model}'; to be published it must consist of letters, digits and . _ / : @ - only.");
        }
    }
}
