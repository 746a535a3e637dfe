using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Requests;

/// <summary>One request from its arrival to its last byte: what is asked, who serves it, how it goes.</summary>
/// <remarks>Belongs to the request's own flow; only <see cref="Cut"/> may be called from outside.</remarks>
internal sealed class Exchange(string requestId, RouteRules rules, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _cut = new();
    private readonly long _startedAt = time.GetTimestamp();
    private long _firstByteAt;
    private string? _cutReason;

    public string RequestId => requestId;

    public RouteRules Rules => rules;

    public DateTimeOffset Arrived { get; } = time.GetUtcNow();

    /// <summary>The client's <c>Authorization</c>, by which it may abort its own requests.</summary>
    public string? Authorization { get; init; }

    public RequestPeek Peek { get; set; }

    public BufferedBody? Body { get; set; }

    /// <summary>Who works on it, or did last: during the first of two stages the worker that computes the prompt.</summary>
    public Worker? Worker { get; set; }

    /// <summary>Where the answer came from, as the client reads it.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Who computed the prompt; null when that was the worker that answered.</summary>
    public Worker? Prefill { get; set; }

    /// <summary>How long that took, hand-over included.</summary>
    public TimeSpan? PrefillTook { get; set; }

    /// <summary>The stream on which the endpoint picker follows the request; null where none was asked.</summary>
    public Pick? Pick { get; set; }

    /// <summary>What the KvIndexer said about the prompt; null where it was not asked.</summary>
    public HeldPrefixes? Held { get; set; }

    public int Attempts { get; set; }

    /// <summary>The status the client got.</summary>
    public int Status { get; set; }

    public Usage? Usage { get; set; }

    public TimeSpan Elapsed => time.GetElapsedTime(_startedAt);

    public TimeSpan? TimeToFirstByte => _firstByteAt == 0 ? null : time.GetElapsedTime(_startedAt, _firstByteAt);

    /// <summary>Cancelled when the request is cut: by an operator, a drain's deadline or the time limit.</summary>
    public CancellationToken WhenCut => _cut.Token;

    /// <summary>Why it was cut; null while it was not.</summary>
    public string? CutReason => _cut.IsCancellationRequested ? Volatile.Read(ref _cutReason) ?? "it took longer than --request-timeout-secs allows" : null;

    public bool TimedOut => _cut.IsCancellationRequested && Volatile.Read(ref _cutReason) is null;

    public void LimitTime(TimeSpan limit) => _cut.CancelAfter(limit);

    public void SawFirstByte() => _firstByteAt = _firstByteAt == 0 ? time.GetTimestamp() : _firstByteAt;

    /// <summary>Ends the request from outside; a stream ends with an error event that says why.</summary>
    public void Cut(string reason)
    {
        _ = Interlocked.CompareExchange(ref _cutReason, reason, null);
        try
        {
            _cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    public void ReleaseBody()
    {
        Body?.Dispose();
        Body = null;
    }

    public void Dispose()
    {
        Pick?.Dispose();
        ReleaseBody();
        _cut.Dispose();
    }
}
