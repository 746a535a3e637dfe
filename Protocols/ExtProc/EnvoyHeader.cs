using System.Text;

namespace LlmdAspire.Protocols.ExtProc;

/// <summary>One HTTP header as Envoy sends it: the name in lower case, the value as bytes.</summary>
/// <remarks>The memory belongs to the header for good; it is not a slice of the connection's buffers.</remarks>
public readonly record struct EnvoyHeader(string Name, ReadOnlyMemory<byte> Value)
{
    public EnvoyHeader(string name, string value)
        : this(name, Encoding.UTF8.GetBytes(value))
    {
    }

    /// <summary>The value as text; bytes that are no UTF-8 become replacement characters, so echo <see cref="Value"/> instead.</summary>
    public string Text => Encoding.UTF8.GetString(Value.Span);
}
