using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Forwarding;

/// <summary>Sends one request to one worker and streams the answer back: one attempt.</summary>
/// <remarks>
/// The only place that knows how bytes travel. As long as nothing reached the client the outcome says so and the response can be used for
/// another attempt or an error; the caller owns retries, counters and what the outcome means for the worker.
/// </remarks>
internal interface IEngineForwarder
{
    /// <summary>Makes one attempt.</summary>
    /// <param name="lastAttempt">No other follows: whatever status the engine answers goes to the client.</param>
    ValueTask<ForwardOutcome> ForwardAsync(HttpContext context, Exchange exchange, EngineLeg leg, bool lastAttempt);
}

/// <summary>How an attempt ended.</summary>
internal enum ForwardResult
{
    /// <summary>The engine's answer went to the client to the last byte.</summary>
    Relayed,

    /// <summary>The engine answered a status that another worker may not; nothing reached the client.</summary>
    Refused,

    /// <summary>No answer, or one that broke before its first byte; nothing reached the client.</summary>
    NoAnswer,

    /// <summary>The answer broke after its first byte.</summary>
    Broken,

    /// <summary>The client went away.</summary>
    ClientGone,
}

/// <param name="Status">The engine's status, 0 when it gave none.</param>
/// <param name="Reason">What went wrong, for logs and error messages; no addresses beyond the worker's.</param>
/// <param name="Unreachable">Not even a connection came about: the engine's process is away.</param>
internal readonly record struct ForwardOutcome(ForwardResult Result, int Status, string? Reason = null, bool Unreachable = false);
