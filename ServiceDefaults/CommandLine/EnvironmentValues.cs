using System.Text.Json;

namespace LlmdAspire.ServiceDefaults;

/// <summary>Flags from environment variables: <c>--drain-timeout</c> of <c>router</c> is <c>LLMD_ROUTER_DRAIN_TIMEOUT</c>.</summary>
internal static class EnvironmentValues
{
    public static string NameOf(string program, Flag flag) =>
        $"LLMD_{program}_{flag.Name}".Replace('-', '_').ToUpperInvariant();

    /// <summary>The values that the environment gives a flag, or null when it gives none.</summary>
    /// <remarks>
    /// A program is called by its name or by its folder's: <c>LLMD_KV_INDEXER_PORT</c>, <c>LLMD_KVINDEXER_PORT</c>. A list is separated by white space, or written
    /// as a JSON array when its values contain some. An empty variable is an empty list, and no value for a scalar.
    /// </remarks>
    public static GivenValue? Of(string program, Flag flag, Func<string, string?> environment) =>
        Named(NameOf(program, flag), flag, environment) ?? Named(NameOf(program.Replace("-", ""), flag), flag, environment);

    private static GivenValue? Named(string name, Flag flag, Func<string, string?> environment)
    {
        var text = environment(name);
        if (text is null && flag.OtherVariable is { } other)
        {
            (name, text) = (other, environment(other));
        }

        if (text is null || (text.Length == 0 && !flag.IsList))
        {
            return null;
        }

        // Kubernetes describes a Service called "llmd-router" to every pod with LLMD_ROUTER_PORT=tcp://10.0.0.1:80; that is not ours.
        if (text.StartsWith("tcp://", StringComparison.Ordinal) && flag.Name.EndsWith("port", StringComparison.Ordinal))
        {
            return null;
        }

        return new GivenValue(flag, flag.IsList ? Split(text) : [text], name);
    }

    private static string[] Split(string text)
    {
        if (text.StartsWith('['))
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(text) ?? [];
            }
            catch (JsonException)
            {
                // Not an array after all, for example an IPv6 address; the flag's own checks judge the text.
            }
        }

        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }
}
