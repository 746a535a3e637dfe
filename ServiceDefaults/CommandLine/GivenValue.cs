namespace LlmdAspire.ServiceDefaults;

/// <summary>The values that one source gives a flag.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Values">One for a scalar; any number, none included, for a list.</param>
/// <param name="Source">Null for the command line, else the environment variable or file, for messages.</param>
internal sealed record GivenValue(Flag Flag, IReadOnlyList<string> Values, string? Source)
{
    /// <summary>The same as command-line tokens, so that every source goes through one parser and one set of checks.</summary>
    public IEnumerable<string> ToTokens()
    {
        var option = "--" + Flag.Name;
        return Values.Count == 0 ? [option] : Values.Select(value => $"{option}={value}");
    }
}
