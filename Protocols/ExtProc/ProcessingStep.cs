namespace LlmdAspire.Protocols.ExtProc;

/// <summary>Which part of an HTTP exchange a message is about; names the member of the oneof that is set.</summary>
public enum ProcessingStep
{
    /// <summary>None that is known here.</summary>
    None,
    RequestHeaders,
    ResponseHeaders,
    RequestBody,
    ResponseBody,
    RequestTrailers,
    ResponseTrailers,

    /// <summary>Only in answers: reply to the client at once.</summary>
    ImmediateResponse,
}
