namespace LlmdAspire.ServiceDefaults;

/// <summary>Wrong usage or configuration, found after the flags were read; ends the program with its lines on stderr and exit code 2.</summary>
public sealed class UsageException : Exception
{
    /// <param name="message">One line: what is wrong, and the remedy.</param>
    public UsageException(string message)
        : this([message])
    {
    }

    /// <param name="mistakes">Several mistakes found at once, one line each.</param>
    public UsageException(IReadOnlyList<string> mistakes)
        : base(string.Join('\n', mistakes)) => Mistakes = mistakes;

    public IReadOnlyList<string> Mistakes { get; }
}
