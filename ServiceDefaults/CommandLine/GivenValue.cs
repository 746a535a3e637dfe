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
        if (Values.Count == 0)
        {
            return [option];
        }

        // System.CommandLine takes "--name=" for a missing value, so an empty one goes into a token of its own.
        return Values.SelectMany(value => value.Length == 0 ? new[] { option, "" } : [$"{option}={value}"]);
    }

    /// <summary>Adds to a mistake where the value came from, unless that was the command line.</summary>
    public string Sign(string mistake) => Source is null ? mistake : $"{mistake.TrimEnd('.')} (set by {Source}).";
}
