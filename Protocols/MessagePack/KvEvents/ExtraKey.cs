using System.Text;

namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>Something besides tokens that enters a block's hash: a LoRA name or id, a multimodal item, a cache salt, a digest of prompt embeddings.</summary>
/// <remarks>vLLM's order within a block is exactly that. Immutable.</remarks>
public readonly record struct ExtraKey
{
    private ExtraKey(ExtraKeyShape shape, ReadOnlyMemory<byte> bytes, long number)
    {
        Shape = shape;
        Bytes = bytes;
        Number = number;
    }

    /// <summary>How it is written.</summary>
    public ExtraKeyShape Shape { get; }

    /// <summary>UTF-8 of the text, or the raw bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The integer, or the item's offset from the block's beginning.</summary>
    public long Number { get; }

    /// <summary>A LoRA name, a cache salt, or a multimodal identifier before vLLM 0.19.</summary>
    public static ExtraKey Text(string text) => new(ExtraKeyShape.Text, Encoding.UTF8.GetBytes(text), 0);

    /// <summary>A multimodal item from vLLM 0.19 on.</summary>
    /// <param name="identifier">The item's hash, as text.</param>
    /// <param name="offset">Where it begins relative to the block; negative when it began earlier.</param>
    public static ExtraKey TextAtOffset(string identifier, long offset) => new(ExtraKeyShape.TextAtOffset, Encoding.UTF8.GetBytes(identifier), offset);

    /// <summary>SHA-256 of the block's prompt embeddings.</summary>
    public static ExtraKey Raw(ReadOnlyMemory<byte> bytes) => new(ExtraKeyShape.Raw, bytes, 0);

    /// <summary>A LoRA id, vLLM 0.9 to 0.11.0.</summary>
    public static ExtraKey Id(long number) => new(ExtraKeyShape.Id, default, number);
}

/// <summary>Shapes of extra keys.</summary>
public enum ExtraKeyShape
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A pair of text and integer.</summary>
    TextAtOffset,

    /// <summary>A byte string.</summary>
    Raw,

    /// <summary>An integer.</summary>
    Id,
}
