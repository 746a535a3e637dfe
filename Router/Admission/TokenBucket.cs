namespace LlmdAspire.Router.Admission;

/// <summary>Tokens that come back with time and by hand, never more than fit.</summary>
/// <remarks>Not thread-safe; its owner holds a lock.</remarks>
internal sealed class TokenBucket(double capacity, double tokensPerSecond, TimeProvider time)
{
    private double _tokens = capacity;
    private long _refilledAt = time.GetTimestamp();

    public bool TryTake()
    {
        Refill();
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }

    public void GiveBack() => _tokens = Math.Min(capacity, _tokens + 1);

    /// <summary>How long until a token is there by time alone.</summary>
    public TimeSpan UntilNext()
    {
        Refill();
        return _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / tokensPerSecond);
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(capacity, _tokens + (time.GetElapsedTime(_refilledAt, now).TotalSeconds * tokensPerSecond));
        _refilledAt = now;
    }
}
