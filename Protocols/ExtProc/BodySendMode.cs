namespace LlmdAspire.Protocols.ExtProc;

/// <summary>How Envoy passes bodies to the processor, with Envoy's numbers.</summary>
public enum BodySendMode
{
    None = 0,
    Streamed = 1,
    Buffered = 2,
    BufferedPartial = 3,
    FullDuplexStreamed = 4,
}
