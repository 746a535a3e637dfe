namespace LlmdAspire.Protocols.Grpc;

/// <summary>When a client's call ends before its time: by its deadline, its caller's token, or a failing connection; and how each is told.</summary>
internal sealed class CallLifetime : IDisposable
{
    // The longest that a timer takes, about 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly TimeSpan? _timeout;
    private readonly long _started;
    private volatile bool _isCancelled;

    public CallLifetime(TimeSpan? timeout, CancellationToken caller)
    {
        _caller = caller;
        _timeout = timeout;
        _started = timeout is null ? 0 : TimeProvider.System.GetTimestamp();
        _source = new CancellationTokenSource();
        Token = _source.Token;
        if (timeout is { } limit)
        {
            _source.CancelAfter(limit <= TimeSpan.Zero ? TimeSpan.Zero : limit < s_longest ? limit : s_longest);
        }

        _registration = caller.UnsafeRegister(static state => ((CallLifetime)state!).Cancel(), this);
    }

    /// <summary>Ends everything that the call is waiting for.</summary>
    public CancellationToken Token { get; }

    public void Cancel()
    {
        _isCancelled = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended in the same moment.
        }
    }

    /// <summary>Refuses to begin something on a call that has ended.</summary>
    public void ThrowIfEnded(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Token.IsCancellationRequested)
        {
            throw Explain(new OperationCanceledException(Token));
        }
    }

    /// <summary>What the caller is to see in place of an exception of HttpClient.</summary>
    public Exception Explain(Exception e)
    {
        if (_caller.IsCancellationRequested)
        {
            return new OperationCanceledException("The call was cancelled.", e, _caller);
        }

        if (_isCancelled)
        {
            return new OperationCanceledException("The call was disposed.", e);
        }

        if (Token.IsCancellationRequested || DeadlinePassed())
        {
            return new GrpcException(GrpcStatusCode.DeadlineExceeded, $"No answer within {_timeout!.Value.TotalSeconds} s.", e);
        }

        return GrpcFailure.Of(e);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }

    // The server keeps the same deadline and may reset the stream a moment before our own timer fires.
    private bool DeadlinePassed() => _timeout is { } timeout && TimeProvider.System.GetElapsedTime(_started) >= timeout;
}
