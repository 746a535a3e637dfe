using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Grpc;

internal static partial class GrpcLog
{
    public const string Category = "LlmdAspire.Grpc";

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "The handler of {Method} failed")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception e);
}
