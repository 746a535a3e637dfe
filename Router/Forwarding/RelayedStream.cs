using LlmdAspire.Router.Bodies;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Forwarding;

/// <summary>An engine's answer on its way to the client: bytes pass as they come, the end is watched.</summary>
/// <remarks>
/// A stream of events that breaks after its first byte is closed with one error event; any other broken answer throws, so that the client's
/// connection breaks too instead of looking finished. Before the first byte every break throws, and another attempt can follow.
/// </remarks>
internal sealed class RelayedStream(Stream engine, IAnswerWatcher watcher) : PassingStream
{
    private readonly AnswerTail _tail = new();
    private byte[]? _farewell;
    private bool _ended;

    public required CancellationToken ClientGone { get; init; }

    /// <summary>The answer is a plain stream of events, so an error event can close it.</summary>
    public required bool MayEndWithError { get; init; }

    /// <summary>Nothing but <c>[DONE]</c> tells the end of this stream from a break.</summary>
    public required bool EndsWithDone { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || _farewell is not null)
        {
            return TakeFarewell(buffer);
        }

        try
        {
            var count = await engine.ReadAsync(buffer, watcher.Link(cancellationToken));
            if (count > 0)
            {
                Passed(buffer.Span[..count]);
                return count;
            }

            return buffer.Length == 0 ? 0 : AtEnd(buffer);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or OperationCanceledException)
        {
            return OnBroken(watcher.CutReason ?? broken.Message, buffer, broken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            engine.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Passed(ReadOnlySpan<byte> bytes)
    {
        if (_tail.IsEmpty)
        {
            watcher.PassedFirstByte();
        }

        _tail.Add(bytes);
    }

    private int AtEnd(Memory<byte> buffer)
    {
        if (EndsWithDone && !_tail.SawDone)
        {
            const string Reason = "the engine closed the connection before the end of its answer";
            return OnBroken(Reason, buffer, new IOException(Reason));
        }

        _ended = true;
        watcher.Ended(_tail, isEvents: MayEndWithError);
        return 0;
    }

    private int OnBroken(string reason, Memory<byte> buffer, Exception broken)
    {
        if (ClientGone.IsCancellationRequested)
        {
            throw broken;
        }

        watcher.Broke(reason);
        if (_tail.IsEmpty || !MayEndWithError)
        {
            throw broken;
        }

        var status = watcher.TimedOut ? 504 : 502;
        var error = OpenAiError.OfStatus(status, $"The answer broke off: {reason}.").ToSseEvent();
        // What the engine left unfinished must not swallow the event.
        _farewell = _tail.EndsEvent ? error : [.. "\n\n"u8, .. error];
        return TakeFarewell(buffer);
    }

    private int TakeFarewell(Memory<byte> buffer)
    {
        if (_farewell is null)
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _farewell.Length);
        _farewell.AsMemory(0, count).CopyTo(buffer);
        _farewell = _farewell[count..];
        return count;
    }
}
