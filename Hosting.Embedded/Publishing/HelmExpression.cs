using System.Text.RegularExpressions;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>References from templates into <c>values.yaml</c>, such as <c>{{ .Values.config.vllm.model }}</c>.</summary>
internal static partial class HelmExpression
{
    public const string Parameters = "parameters";
    public const string Secrets = "secrets";
    public const string Config = "config";

    public const string ChartName = "{{ .Chart.Name }}";
    public const string ReleaseName = "{{ .Release.Name }}";

    /// <summary>A key of <c>values.yaml</c>; Helm cannot read keys with hyphens.</summary>
    public static string Key(string name) => name.Replace('-', '_');

    public static string Value(string section, string resource, string key) => $"{{{{ .Values.{section}.{Key(resource)}.{Key(key)} }}}}";

    /// <summary>The same reference as a number where the template is rendered.</summary>
    public static string AsInteger(string expression) => $"{expression[..^3]} | int }}}}";

    /// <summary>The same reference as text, for places that take nothing else.</summary>
    public static string AsText(string text) => Number().Replace(text, match => $"{match.Value[..^2].TrimEnd()} | toString }}}}");

    /// <summary>Whether the text refers to <c>values.yaml</c>.</summary>
    public static bool RefersToValues(string text) => text.Contains("{{ .Values.", StringComparison.Ordinal);

    /// <summary>Whether the text refers to a secret of <c>values.yaml</c>.</summary>
    public static bool RefersToSecret(string text) => text.Contains($"{{{{ .Values.{Secrets}.", StringComparison.Ordinal);

    /// <summary>Whether the whole text is one reference that is rendered as a number, and so must not be quoted.</summary>
    public static bool IsNumber(string text) => text.StartsWith("{{", StringComparison.Ordinal) && Number().IsMatch(text) && text.IndexOf("}}", StringComparison.Ordinal) == text.Length - 2;

    [GeneratedRegex(@"\|\s*(int|int64|float64)\s*\}\}")]
    private static partial Regex Number();
}
