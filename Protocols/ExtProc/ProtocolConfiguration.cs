namespace LlmdAspire.Protocols.ExtProc;

/// <summary>What the filter says about itself in the first message of a stream; Envoys before 1.33 say nothing.</summary>
/// <param name="SendsBodyEarly">Body chunks come without waiting for the answer to the headers.</param>
public sealed record ProtocolConfiguration(BodySendMode RequestBodyMode, BodySendMode ResponseBodyMode, bool SendsBodyEarly);
