using System.Buffers;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>What becomes of a body, or of the piece of it that is answered.</summary>
public enum BodyMutationKind
{
    /// <summary>It stays as it is.</summary>
    None,

    /// <summary>It is replaced; not in full duplex.</summary>
    Replace,

    /// <summary>It is dropped; not in full duplex.</summary>
    Clear,

    /// <summary>A piece of the body in full duplex, where nothing passes that the processor does not send.</summary>
    Stream,
}

/// <summary>A change of a body.</summary>
/// <param name="Body">When received: a slice of the connection's buffers, valid until the next message is read.</param>
/// <param name="EndOfStream">The last piece; only with <see cref="BodyMutationKind.Stream"/>.</param>
public readonly record struct BodyMutation(BodyMutationKind Kind, ReadOnlySequence<byte> Body = default, bool EndOfStream = false)
{
    /// <summary>The largest piece that the reference picker sends; Envoy advises to stay below 64 KiB.</summary>
    public const int MaxStreamedBytes = 62_000;
}
