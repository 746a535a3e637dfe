namespace LlmdAspire.Hosting.Embedded;

/// <summary>Names of environment variables made from names of the model.</summary>
internal static class VariableName
{
    /// <summary>For example <c>KV_INDEXER_HTTP</c> for the endpoint <c>http</c> of <c>kv-indexer</c>.</summary>
    public static string Of(string resource, string part) => Encode(resource) + "_" + Encode(part);

    /// <summary>Upper case, with an underscore for everything that is neither letter nor digit, and before a leading digit.</summary>
    private static string Encode(string name)
    {
        var encoded = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
        return encoded.Length > 0 && char.IsAsciiDigit(encoded[0]) ? "_" + encoded : encoded;
    }
}
