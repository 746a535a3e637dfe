using System.Text.RegularExpressions;

namespace LlmdAspire.AppHost;

/// <summary>The forms of names that others prescribe.</summary>
internal static partial class NamePatterns
{
    /// <summary>RFC 1123, as Kubernetes names most objects.</summary>
    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public static partial Regex DnsLabel();

    /// <summary>Host, port and path of a container registry.</summary>
    [GeneratedRegex("^[a-zA-Z0-9][-.a-zA-Z0-9]*(:[0-9]+)?(/[a-z0-9]+([-._][a-z0-9]+)*)*$")]
    public static partial Regex ImagePath();

    [GeneratedRegex("^[A-Za-z0-9_][-.A-Za-z0-9_]*$")]
    public static partial Regex ImageTag();
}
