using System.Text.RegularExpressions;
using Aspire.Hosting;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>What a chart may be called.</summary>
internal static partial class ChartName
{
    /// <summary>The name, if it is one.</summary>
    /// <exception cref="DistributedApplicationException">It is not.</exception>
    public static string Check(string name) => Form().IsMatch(name)
        ? name
        : throw new DistributedApplicationException($"Chart name '{name}' may contain only lower-case letters, digits, hyphens and dots, and must begin and end with a letter or digit.");

    /// <summary>The name of a chart that was given none.</summary>
    public static string Of(string application)
#pragma warning disable CA1308 // Charts are named in lower case.
        => application.ToLowerInvariant().Replace('_', '-').Replace('.', '-');
#pragma warning restore CA1308

    [GeneratedRegex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
    private static partial Regex Form();
}
