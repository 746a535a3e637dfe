namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>What the objects of a resource are called; Kubernetes allows lower case only.</summary>
internal static class KubernetesName
{
    public static string Deployment(string resource) => $"{Of(resource)}-deployment";

    public static string StatefulSet(string resource) => $"{Of(resource)}-statefulset";

    public static string Service(string resource) => $"{Of(resource)}-service";

    public static string ConfigMap(string resource) => $"{Of(resource)}-config";

    public static string Secret(string resource) => $"{Of(resource)}-secrets";

    public static string Claim(string resource, string volume) => $"{Of(resource)}-{volume}-pvc";

#pragma warning disable CA1308 // That is the rule of Kubernetes.
    public static string Of(string resource) => resource.ToLowerInvariant();
#pragma warning restore CA1308
}
