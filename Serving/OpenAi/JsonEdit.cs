namespace LlmdAspire.Serving.OpenAi;

/// <summary>Puts other bytes in the place of a run of bytes of a body; a run of length 0 is an insertion.</summary>
/// <param name="Range">What goes; offsets count in the body as it was.</param>
/// <param name="Replacement">What comes; empty removes.</param>
public readonly record struct JsonEdit(ByteRange Range, ReadOnlyMemory<byte> Replacement);
