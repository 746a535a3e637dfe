namespace LlmdAspire.Protocols.ExtProc;

/// <summary>Whether Envoy sends headers or trailers, with Envoy's numbers.</summary>
public enum HeaderSendMode
{
    Default = 0,
    Send = 1,
    Skip = 2,
}

/// <summary>Which parts of an exchange the processor is shown.</summary>
public sealed record ProcessingMode
{
    public HeaderSendMode RequestHeaders { get; init; }

    public HeaderSendMode ResponseHeaders { get; init; }

    public BodySendMode RequestBody { get; init; }

    public BodySendMode ResponseBody { get; init; }

    public HeaderSendMode RequestTrailers { get; init; }

    public HeaderSendMode ResponseTrailers { get; init; }
}
