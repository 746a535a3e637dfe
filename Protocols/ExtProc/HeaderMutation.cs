namespace LlmdAspire.Protocols.ExtProc;

/// <summary>What to do with a header that is there already, with Envoy's numbers.</summary>
public enum HeaderAppendAction
{
    AppendIfExistsOrAdd = 0,
    AddIfAbsent = 1,
    OverwriteIfExistsOrAdd = 2,
    OverwriteIfExists = 3,
}

/// <summary>One header to set.</summary>
/// <param name="Append">The deprecated field beside <paramref name="Action"/>; null when it was not sent, as nearly always.</param>
public readonly record struct HeaderChange(
    EnvoyHeader Header, HeaderAppendAction Action = HeaderAppendAction.OverwriteIfExistsOrAdd, bool KeepsEmptyValue = false, bool? Append = null);

/// <summary>Headers to set and to remove; names in lower case.</summary>
public sealed class HeaderMutation
{
    public IList<HeaderChange> Set { get; } = [];

    public IList<string> Remove { get; } = [];

    public bool IsEmpty => Set.Count == 0 && Remove.Count == 0;

    /// <summary>Sets a header, whatever it was before.</summary>
    public HeaderMutation Overwrite(string name, string value)
    {
        Set.Add(new HeaderChange(new EnvoyHeader(name, value)));
        return this;
    }
}
