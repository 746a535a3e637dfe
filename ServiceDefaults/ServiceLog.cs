using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults;

internal static partial class ServiceLog
{
    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{Program} {Version} listens on {Urls}")]
    public static partial void Listening(ILogger logger, string program, string version, string urls);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Ignored, as these options mean nothing here: {Options}")]
    public static partial void Ignored(ILogger logger, string options);
}
