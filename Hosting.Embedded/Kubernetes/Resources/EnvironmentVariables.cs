namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>One environment variable.</summary>
public sealed class EnvVarV1
{
    public string Name { get; set; } = null!;

    public string Value { get; set; } = null!;

    public EnvVarSourceV1? ValueFrom { get; set; }
}

public sealed class EnvVarSourceV1
{
    public ObjectFieldSelectorV1? FieldRef { get; set; }

    public SecretKeySelectorV1? SecretKeyRef { get; set; }
}

/// <summary>A field of the pod itself.</summary>
public sealed class ObjectFieldSelectorV1
{
    public string FieldPath { get; set; } = null!;
}

public sealed class SecretKeySelectorV1
{
    public string Name { get; set; } = null!;

    public bool? Optional { get; set; }

    public string Key { get; set; } = null!;
}

/// <summary>All entries of a ConfigMap or a Secret as variables.</summary>
public sealed class EnvFromSourceV1
{
    public ConfigMapEnvSourceV1? ConfigMapRef { get; set; }

    public SecretEnvSourceV1? SecretRef { get; set; }
}

public sealed class ConfigMapEnvSourceV1
{
    public string Name { get; set; } = null!;
}

public sealed class SecretEnvSourceV1
{
    public string Name { get; set; } = null!;
}
