using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.Simulator.KvEvents;

internal static partial class KvEventLog
{
    [LoggerMessage(EventId = 21, Level = LogLevel.Information, Message = "KV events of rank {Rank}: {Endpoint}, replay {Replay}")]
    public static partial void Publishing(ILogger logger, int rank, string endpoint, string replay);

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "KV events are on and prefix caching is off, so no block will ever be announced")]
    public static partial void NothingToPublish(ILogger logger);

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "Ignored a replay request of {Frames} frames; one has an empty frame and eight bytes, the first sequence number wanted; others like it are ignored without a word")]
    public static partial void NotAReplayRequest(ILogger logger, int frames);

    [LoggerMessage(EventId = 24, Level = LogLevel.Warning, Message = "A replay ended early: {Reason}")]
    public static partial void ReplayBroken(ILogger logger, string reason);

    /// <summary>Logs what happened to a socket, the unusual louder than the usual.</summary>
    public static void Tell(ILogger logger, string socket, ZmqEvent what)
    {
        if (what.Kind is ZmqEventKind.Refused or ZmqEventKind.Unreachable or ZmqEventKind.AcceptFailed)
        {
            SocketTrouble(logger, socket, what.Kind, what.Address, what.Reason);
        }
        else
        {
            SocketEvent(logger, socket, what.Kind, what.Address, what.Reason);
        }
    }

    [LoggerMessage(EventId = 25, Level = LogLevel.Warning, Message = "{Socket}: {Kind} {Address} {Reason}")]
    private static partial void SocketTrouble(ILogger logger, string socket, ZmqEventKind kind, string address, string reason);

    [LoggerMessage(EventId = 26, Level = LogLevel.Debug, Message = "{Socket}: {Kind} {Address} {Reason}")]
    private static partial void SocketEvent(ILogger logger, string socket, ZmqEventKind kind, string address, string reason);
}
