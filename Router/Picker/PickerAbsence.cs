namespace LlmdAspire.Router.Picker;

/// <summary>Keeps requests from waiting for a picker that keeps failing: then only one a second asks, and the others do without.</summary>
internal sealed class PickerAbsence(TimeProvider time)
{
    // One failure may be the request's own; three in a row are the picker's.
    private const int Tolerated = 3;

    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(1);

    private int _failures;
    private long _lastAsked;

    /// <summary>Whether the next failure would only confirm what is known, so that less patience is due.</summary>
    public bool IsSuspected => Volatile.Read(ref _failures) >= Tolerated;

    /// <summary>Whether this request should ask.</summary>
    public bool MayAsk()
    {
        if (!IsSuspected)
        {
            return true;
        }

        var last = Volatile.Read(ref _lastAsked);
        return time.GetElapsedTime(last) >= s_pace && Interlocked.CompareExchange(ref _lastAsked, time.GetTimestamp(), last) == last;
    }

    public void Answered() => Volatile.Write(ref _failures, 0);

    public void Failed()
    {
        Volatile.Write(ref _lastAsked, time.GetTimestamp());
        _ = Interlocked.Increment(ref _failures);
    }
}
