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
    EnvoyHeader Header, HeaderAppendAction Action = HeaderAppendAction.OverwriteIfExistsOrAdd, bool KeepsEmptyValue = false, bool? Append = null)
{
    /// <summary>What Envoy's ext_proc filter makes of both fields: without an action only an explicit append appends, as older processors expect.</summary>
    public HeaderAppendAction Effect =>
        Action != HeaderAppendAction.AppendIfExistsOrAdd || Append == true ? Action : HeaderAppendAction.OverwriteIfExistsOrAdd;
}

/// <summary>Headers to set and to remove; names in lower case.</summary>
public sealed class HeaderMutation
{
    // As many as a request usually has, all of which a picker echoes.
    public IList<HeaderChange> Set { get; } = new List<HeaderChange>(capacity: 16);

    public IList<string> Remove { get; } = [];

    public bool IsEmpty => Set.Count == 0 && Remove.Count == 0;

    /// <summary>Sets a header, whatever it was before.</summary>
    public HeaderMutation Overwrite(string name, string value)
    {
        Set.Add(new HeaderChange(new EnvoyHeader(name, value)));
        return this;
    }
}
