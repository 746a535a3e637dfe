namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The labels of everything that a resource becomes.</summary>
internal static class ChartLabels
{
    /// <summary>A mapping of its own each time: callbacks add to them.</summary>
    public static Dictionary<string, string> Of(string resource) => new()
    {
        ["app.kubernetes.io/name"] = HelmExpression.ChartName,
        ["app.kubernetes.io/component"] = resource,
        ["app.kubernetes.io/instance"] = HelmExpression.ReleaseName,
    };
}
