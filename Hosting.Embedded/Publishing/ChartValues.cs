namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The content of <c>values.yaml</c>: three sections, each with a mapping per resource.</summary>
internal sealed class ChartValues
{
    /// <summary>By section, resource and key; in the order of the model.</summary>
    public Dictionary<string, Dictionary<string, Dictionary<string, object>>> Sections { get; } = new()
    {
        [HelmExpression.Parameters] = [],
        [HelmExpression.Secrets] = [],
        [HelmExpression.Config] = [],
    };

    public void Add(string section, string resource, string key, object value)
    {
        var resources = Sections[section];
        var name = HelmExpression.Key(resource);
        if (!resources.TryGetValue(name, out var values))
        {
            resources[name] = values = [];
        }

        values[HelmExpression.Key(key)] = value;
    }
}
