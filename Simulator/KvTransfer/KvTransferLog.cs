namespace LlmdAspire.Simulator.KvTransfer;

internal static partial class KvTransferLog
{
    [LoggerMessage(EventId = 31, Level = LogLevel.Warning, Message = "The engine at {Host}:{Port} that keeps KV content does not answer: {Reason}")]
    public static partial void Unreachable(ILogger logger, string host, int port, string reason);
}
