namespace LlmdAspire.Protocols.Zmtp.Wire;

/// <summary>The peer broke the protocol; the connection ends with this as its reason. Never leaves this folder.</summary>
internal sealed class ZmtpProtocolException(string message) : Exception(message);
