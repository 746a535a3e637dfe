namespace LlmdAspire.Protocols.Protobuf;

/// <summary>How the value after a protobuf tag is written. Groups (3 and 4) exist only in proto2 files and are refused.</summary>
public enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
