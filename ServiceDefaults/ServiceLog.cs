using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults;

internal static partial class ServiceLog
{
    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{Program} {Version} listens on {Urls}")]
    public static partial void Listening(ILogger logger, string program, string version, string urls);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Ignored, as these options mean nothing here: {Options}")]
    public static partial void Ignored(ILogger logger, string options);

    [LoggerMessage(EventId = 5, Level = LogLevel.Error, Message = "Background work failed, so the service stops")]
    public static partial void BackgroundFailed(ILogger logger, Exception exception);
}
