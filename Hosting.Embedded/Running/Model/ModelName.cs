using Aspire.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>What resources and endpoints may be called.</summary>
internal static class ModelName
{
    private const int MaxLength = 64;

    /// <summary>Names differ by more than their case.</summary>
    public static StringComparer Comparer { get; } = StringComparer.OrdinalIgnoreCase;

    /// <param name="kind">What is named, for the message.</param>
    /// <param name="name">The name.</param>
    public static void Check(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Fault(name) is { } fault)
        {
            throw new ArgumentException($"{kind} name '{name}' {fault}.", nameof(name));
        }
    }

    private static string? Fault(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return $"must have between 1 and {MaxLength} characters";
        }

        if (!char.IsAsciiLetter(name[0]))
        {
            return "must start with a letter";
        }

        if (name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
        {
            return "may contain only ASCII letters, digits and hyphens";
        }

        return name.EndsWith('-') || name.Contains("--", StringComparison.Ordinal) ? "may not contain two hyphens in a row or end with one" : null;
    }
}
