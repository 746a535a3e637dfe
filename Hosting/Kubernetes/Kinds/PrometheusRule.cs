using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>What Prometheus computes all the time, and when it raises an alert.</summary>
public sealed class PrometheusRule() : BaseKubernetesResource("monitoring.coreos.com/v1", "PrometheusRule")
{
    public PrometheusRuleSpec Spec { get; } = new();
}

/// <summary>Groups of rules.</summary>
public sealed class PrometheusRuleSpec
{
    public List<RuleGroup> Groups { get; } = [];
}

/// <summary>Rules that are evaluated together, in their order.</summary>
public sealed class RuleGroup(string name, params IEnumerable<Rule> rules)
{
    public string Name { get; } = name;

    public List<Rule> Rules { get; } = [.. rules];
}

/// <summary>A series that is recorded, or an alert.</summary>
public sealed class Rule
{
    private Rule(string expr) => Expr = expr;

    public string? Record { get; private init; }

    public string? Alert { get; private init; }

    public string Expr { get; }

    /// <summary>How long it must hold, for example <c>10m</c>.</summary>
    public string? For { get; private init; }

    public Dictionary<string, string> Labels { get; } = [];

    public Dictionary<string, string> Annotations { get; } = [];

    public static Rule Recording(string name, string expression) => new(expression) { Record = name };

    /// <summary>An alert with what it means and what to do.</summary>
    public static Rule Alerting(string name, string severity, string duration, string expression, string summary, string description) => new(expression)
    {
        Alert = name,
        For = duration,
        Labels = { ["severity"] = severity },
        Annotations = { ["summary"] = summary, ["description"] = description },
    };
}
