namespace LlmdAspire.Router.Admission;

/// <summary>Tokens that come back with time and by hand, never more than fit.</summary>
/// <remarks>Not thread-safe; its owner holds a lock.</remarks>
internal sealed class TokenBucket
{
    private readonly TimeProvider _time;
    private double _capacity;
    private double _tokensPerSecond;
    private double _tokens;
    private long _refilledAt;

    public TokenBucket(double capacity, double tokensPerSecond, TimeProvider time)
    {
        _capacity = _tokens = capacity;
        _tokensPerSecond = tokensPerSecond;
        _time = time;
        _refilledAt = time.GetTimestamp();
    }

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

    public void GiveBack() => _tokens = Math.Min(_capacity, _tokens + 1);

    /// <summary>How long until a token is there by time alone.</summary>
    public TimeSpan UntilNext()
    {
        Refill();
        return _tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / _tokensPerSecond);
    }

    /// <summary>Changes the size; tokens that are out stay out, so that a smaller bucket may owe some.</summary>
    public void Resize(double capacity, double tokensPerSecond)
    {
        Refill();
        _tokens += capacity - _capacity;
        _capacity = capacity;
        _tokensPerSecond = tokensPerSecond;
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        _tokens = Math.Min(_capacity, _tokens + (_time.GetElapsedTime(_refilledAt, now).TotalSeconds * _tokensPerSecond));
        _refilledAt = now;
    }
}
