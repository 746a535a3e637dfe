using System.Buffers;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>envoy.service.ext_proc.v3.ProcessingRequest: one part of an HTTP exchange, shown to the processor.</summary>
/// <remarks>The members of the oneof are flattened: what does not belong to <see cref="Step"/> is empty.</remarks>
public sealed class ProcessingRequest
{
    public ProcessingStep Step { get; init; }

    /// <summary>Headers, or trailers when the step is one of trailers.</summary>
    public EnvoyHeaders Headers { get; init; } = EnvoyHeaders.Empty;

    /// <summary>A piece of the body. When received: a slice of the connection's buffers, valid until the next message is read.</summary>
    public ReadOnlySequence<byte> Body { get; init; }

    /// <summary>Nothing of this direction follows: a header step without body, or the last piece of a body.</summary>
    public bool EndOfStream { get; init; }

    /// <summary>Dynamic metadata, a struct per filter namespace; null when there is none.</summary>
    public StructValue? FilterMetadata { get; init; }

    /// <summary>Attributes, a struct per name; null when there are none.</summary>
    public StructValue? Attributes { get; init; }

    /// <summary>The filter only shows and expects no answer.</summary>
    public bool IsObservation { get; init; }

    /// <summary>Only in the first message of a stream, and not from older Envoys.</summary>
    public ProtocolConfiguration? Protocol { get; init; }
}
