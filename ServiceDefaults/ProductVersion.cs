using System.Reflection;

namespace LlmdAspire.ServiceDefaults;

/// <summary>The version of the product; all its programs carry the same.</summary>
internal static class ProductVersion
{
    /// <summary>For example <c>0.1.0+1a2b3c4</c>.</summary>
    public static string Text { get; } = Shorten(
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0");

    // Seven digits of the commit name it well enough and keep log lines short.
    private static string Shorten(string version)
    {
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && version.Length > plus + 8 ? version[..(plus + 8)] : version;
    }
}
