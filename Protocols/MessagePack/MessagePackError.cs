namespace LlmdAspire.Protocols.MessagePack;

/// <summary>Why a value could not be read.</summary>
public enum MessagePackError
{
    /// <summary>All is well so far.</summary>
    None,

    /// <summary>The input ends inside a value, or a length claims more than what is left of it.</summary>
    Truncated,

    /// <summary>The value is of another type than the one asked for. Nothing was consumed; the value can be skipped.</summary>
    WrongType,

    /// <summary>The number does not fit the type asked for. Nothing was consumed; the value can be skipped.</summary>
    OutOfRange,

    /// <summary>Arrays and maps nested deeper than <see cref="MessagePackReader.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>The byte 0xc1, which MessagePack never uses.</summary>
    ReservedByte,
}
