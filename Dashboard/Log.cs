namespace LlmdAspire.Dashboard;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "A look at the sources failed; the page keeps its last state")]
    public static partial void LookFailed(ILogger logger, Exception exception);
}
