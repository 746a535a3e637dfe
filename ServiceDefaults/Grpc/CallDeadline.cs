using LlmdAspire.Protocols.Grpc;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>When a call ends before its handler does: the client's deadline or its going away; and which status that is.</summary>
internal sealed class CallDeadline : IDisposable
{
    // The longest that a timer takes, about 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    private readonly CancellationToken _aborted;
    private readonly CancellationTokenSource? _source;
    private readonly string? _malformed;

    private CallDeadline(CancellationTokenSource? source, string? malformed, CancellationToken aborted)
    {
        _aborted = aborted;
        _source = source;
        _malformed = malformed;
        Token = source?.Token ?? aborted;
    }

    public CancellationToken Token { get; }

    public static CallDeadline Of(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var header = context.Request.Headers["grpc-timeout"];
        if (header.Count == 0)
        {
            return new CallDeadline(source: null, malformed: null, aborted);
        }

        if (!GrpcTimeout.TryParse(header.ToString(), out var timeout))
        {
            return new CallDeadline(source: null, header.ToString(), aborted);
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        source.CancelAfter(timeout < s_longest ? timeout : s_longest);
        return new CallDeadline(source, malformed: null, aborted);
    }

    public void ThrowIfMalformed()
    {
        if (_malformed is not null)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"grpc-timeout is '{_malformed}'; it must be at most eight digits and one of H, M, S, m, u, n.");
        }
    }

    /// <summary>The status for what a handler threw; null for a failure of its own.</summary>
    public GrpcStatus? Explain(Exception e)
    {
        if (e is GrpcException known)
        {
            return known.Status;
        }

        // Reading from or writing to a call that ended throws what Kestrel and the streams happen to throw.
        if (e is not (OperationCanceledException or IOException or ConnectionAbortedException or BadHttpRequestException or ObjectDisposedException))
        {
            return null;
        }

        if (_aborted.IsCancellationRequested || e is ConnectionResetException or ConnectionAbortedException)
        {
            return new GrpcStatus(GrpcStatusCode.Cancelled, "The client cancelled the call.");
        }

        return Token.IsCancellationRequested ? new GrpcStatus(GrpcStatusCode.DeadlineExceeded, "The deadline has passed.") : null;
    }

    public void Dispose() => _source?.Dispose();
}
