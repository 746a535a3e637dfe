namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Tells, once each, when the API server can no longer be asked for something and when it can again.</summary>
internal sealed partial class WatchedPart(string resource, ILogger logger)
{
    private string? _fault;

    public string Resource => resource;

    public bool IsFollowed => Volatile.Read(ref _fault) is null;

    public void Note(string? fault)
    {
        var before = Interlocked.Exchange(ref _fault, fault);
        if (fault is not null && fault != before)
        {
            Lost(logger, resource, fault);
        }
        else if (fault is null && before is not null)
        {
            CameBack(logger, resource);
        }
    }

    [LoggerMessage(EventId = 51, Level = LogLevel.Warning, Message = "The API server cannot be asked for {Resource} ({Reason}); what was known last stays in force")]
    private static partial void Lost(ILogger logger, string resource, string reason);

    [LoggerMessage(EventId = 52, Level = LogLevel.Information, Message = "The API server answers for {Resource} again")]
    private static partial void CameBack(ILogger logger, string resource);
}
