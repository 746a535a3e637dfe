namespace LlmdAspire.Router.Configuration;

/// <summary>Something immutable that a changed configuration file may replace.</summary>
/// <remarks>One writer; readers take it once and stay with what they took.</remarks>
internal sealed class Live<T>(T first)
    where T : class
{
    private volatile T _current = first;

    public T Current
    {
        get => _current;
        set => _current = value;
    }
}
