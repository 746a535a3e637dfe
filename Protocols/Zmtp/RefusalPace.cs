namespace LlmdAspire.Protocols.Zmtp;

/// <summary>Keeps turned-away peers from filling logs: each reason is told once a minute, and only so many reasons.</summary>
/// <remarks>Thread-safe. Reasons quote what peers sent, so their number is the peers' choice; the bound is ours.</remarks>
internal sealed class RefusalPace(TimeProvider time)
{
    /// <summary>Reasons told in a period.</summary>
    public const int MaxReasons = 16;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _told = [];
    private long _periodBegan;
    private int _untold;

    /// <summary>Whether to tell; those that were not told are counted in the next that is.</summary>
    /// <param name="reason">Why a peer was turned away; gets the count when there is one.</param>
    public bool MayTell(ref string reason)
    {
        lock (_lock)
        {
            if (_told.Count > 0 && time.GetElapsedTime(_periodBegan) >= Period)
            {
                _told.Clear();
            }

            if (_told.Count == 0)
            {
                _periodBegan = time.GetTimestamp();
            }

            if (_told.Count >= MaxReasons || !_told.Add(reason))
            {
                _untold++;
                return false;
            }

            reason = _untold == 0 ? reason : $"{reason}; turned away without a word before: {_untold}";
            _untold = 0;
            return true;
        }
    }
}
