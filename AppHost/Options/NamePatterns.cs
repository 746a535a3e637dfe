using System.Text.RegularExpressions;

namespace LlmdAspire.AppHost;

/// <summary>The forms of names that others prescribe.</summary>
internal static partial class NamePatterns
{
    private const string Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Subdomain = $@"{Label}(\.{Label})*";
    private const string Marked = "[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?";

    /// <summary>RFC 1123, as Kubernetes names Services and namespaces.</summary>
    [GeneratedRegex($@"^{Label}\z")]
    public static partial Regex DnsLabel();

    /// <summary>A label that becomes part of names of Aspire resources, which have no two hyphens in a row.</summary>
    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    public static partial Regex NamePart();

    /// <summary>RFC 1123, as Kubernetes names most objects.</summary>
    [GeneratedRegex($@"^{Subdomain}\z")]
    public static partial Regex DnsSubdomain();

    /// <summary>Key of a Kubernetes label.</summary>
    [GeneratedRegex($@"^({Subdomain}/)?{Marked}\z")]
    public static partial Regex LabelKey();

    /// <summary>Value of a Kubernetes label, which may be empty.</summary>
    [GeneratedRegex($@"^({Marked})?\z")]
    public static partial Regex LabelValue();

    /// <summary>Resource that a device plugin brings, always with its domain.</summary>
    [GeneratedRegex($@"^{Subdomain}/{Marked}\z")]
    public static partial Regex DeviceResource();

    /// <summary>Model identifier or path that means nothing to a shell and to Helm.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9._/:@-]+\z")]
    public static partial Regex PublishedModel();

    /// <summary>Host, port and path of a container registry.</summary>
    [GeneratedRegex(@"^[a-zA-Z0-9][-.a-zA-Z0-9]*(:[0-9]+)?(/[a-z0-9]+([-._][a-z0-9]+)*)*\z")]
    public static partial Regex ImagePath();

    [GeneratedRegex(@"^[A-Za-z0-9_][-.A-Za-z0-9_]*\z")]
    public static partial Regex ImageTag();

    /// <summary>Scheme, host, port and path, none of which means anything to Helm.</summary>
    [GeneratedRegex(@"^https?://[-.A-Za-z0-9]+(:[0-9]{1,5})?(/[-._~/A-Za-z0-9]*)?\z")]
    public static partial Regex HttpAddress();

    /// <summary>Quantity of CPUs above none.</summary>
    [GeneratedRegex(@"^(?=.*[1-9])[0-9]{1,6}(\.[0-9]{1,3}|m)?\z")]
    public static partial Regex Cpus();

    /// <summary>Quantity of bytes above none; with a unit, since a bare number is as a rule a forgotten one.</summary>
    [GeneratedRegex(@"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,3})?(Mi|Gi|Ti|M|G|T)\z")]
    public static partial Regex Bytes();
}
