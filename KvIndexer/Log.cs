using LlmdAspire.KvIndexer.CommandLine;

namespace LlmdAspire.KvIndexer;

internal static partial class Log
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Events of {Engine} arrive from {Address}")]
    public static partial void Connected(ILogger logger, string engine, string address);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "No events of {Engine} from {Address}: {Reason}; trying again")]
    public static partial void Disconnected(ILogger logger, string engine, string address, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "Engines may publish their events to {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "A publisher at {Address} was turned away: {Reason}")]
    public static partial void Refused(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "{Endpoint} lost events between {Last} and {Sequence}")]
    public static partial void Gap(ILogger logger, string endpoint, long last, long sequence);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "No replay fills the gap of {Endpoint}; what was known before counts for {Seconds} s more")]
    public static partial void GapStays(ILogger logger, string endpoint, double seconds);

    [LoggerMessage(EventId = 7, Level = LogLevel.Information, Message = "{Endpoint} began anew; what it held is forgotten")]
    public static partial void Restarted(ILogger logger, string endpoint);

    [LoggerMessage(EventId = 8, Level = LogLevel.Information, Message = "Replay of {Engine} from sequence {From}: {Batches} batches, {Result}")]
    public static partial void Replayed(ILogger logger, string engine, long from, int batches, string result);

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "{Endpoint} has blocks of {EngineSize} tokens and is not indexed; --block-size is {Size}, and only multiples of it can be taken")]
    public static partial void BlockSizeRefused(ILogger logger, string endpoint, int engineSize, int size);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "Events from {Address} cannot be read ({Reason}); they are counted and passed over")]
    public static partial void Unreadable(ILogger logger, string address, string reason);

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "The model of {Engine} is unknown: its topic and --engine name none and /v1/models did not answer; asking again")]
    public static partial void NoModel(ILogger logger, string engine);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "There are {Count} endpoints already; {Endpoint} is not indexed")]
    public static partial void TooManyEndpoints(ILogger logger, int count, string endpoint);

    [LoggerMessage(EventId = 13, Level = LogLevel.Error, Message = "Following the events of {Engine} failed; beginning again")]
    public static partial void FollowingFailed(ILogger logger, Exception exception, string engine);

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning,
        Message = "The chat template of {Model} looks beyond the last turn in a way that could not be foreseen; its conversations are tokenised whole until this process ends")]
    public static partial void TemplateIsNotLocal(ILogger logger, string model);

    [LoggerMessage(EventId = 15, Level = LogLevel.Information, Message = "What is known is shared through Redis at {Address}")]
    public static partial void Shared(ILogger logger, RedisAddress address);

    [LoggerMessage(EventId = 16, Level = LogLevel.Warning, Message = "Redis at {Address} is away ({Reason}); scores go on from memory and say degraded, trying again")]
    public static partial void SharedIsAway(ILogger logger, RedisAddress address, string reason);
}
