namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>The identity of pods.</summary>
public sealed class ServiceAccountV1() : BaseKubernetesResource("v1", "ServiceAccount");

/// <summary>What may be done in one namespace.</summary>
public sealed class Role() : BaseKubernetesResource("rbac.authorization.k8s.io/v1", "Role")
{
    public List<PolicyRuleV1> Rules { get; } = [];
}

/// <summary>Gives a role to someone.</summary>
public sealed class RoleBinding() : BaseKubernetesResource("rbac.authorization.k8s.io/v1", "RoleBinding")
{
    public RoleRefV1 RoleRef { get; set; } = new();

    public List<SubjectV1> Subjects { get; } = [];
}

public sealed class PolicyRuleV1
{
    public List<string> ApiGroups { get; } = [];

    public List<string> Resources { get; } = [];

    public List<string> Verbs { get; } = [];
}

public sealed class RoleRefV1
{
    public string Kind { get; set; } = null!;

    public string Name { get; set; } = null!;

    public string ApiGroup { get; set; } = null!;
}

public sealed class SubjectV1
{
    public string Kind { get; set; } = null!;

    public string Name { get; set; } = null!;

    public string Namespace { get; set; } = null!;
}
