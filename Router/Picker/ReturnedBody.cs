using System.Buffers;

namespace LlmdAspire.Router.Picker;

/// <summary>The body as the picker sends it back, piece by piece; copied only from where it differs from the one it got.</summary>
internal sealed class ReturnedBody(ReadOnlySequence<byte> original, long limit)
{
    private readonly ReadOnlySequence<byte> _original = original;
    private ReadOnlySequence<byte> _rest = original;
    private ArrayBufferWriter<byte>? _changed;
    private long _same;

    /// <summary>The picker sent more than may be held.</summary>
    public bool IsTooLarge { get; private set; }

    public void Add(ReadOnlySequence<byte> piece)
    {
        foreach (var memory in piece)
        {
            Add(memory.Span);
        }
    }

    /// <summary>The new body, or null when it came back as it was.</summary>
    public ReadOnlyMemory<byte>? End()
    {
        if (_changed is null && !_rest.IsEmpty)
        {
            // It came back shorter.
            Diverge();
        }

        return _changed?.WrittenMemory;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (_changed is null)
        {
            var known = CommonLength(bytes);
            _rest = _rest.Slice(known);
            _same += known;
            if (known == bytes.Length)
            {
                return;
            }

            bytes = bytes[known..];
            Diverge();
        }

        if (_changed!.WrittenCount + (long)bytes.Length > limit)
        {
            IsTooLarge = true;
            return;
        }

        _changed.Write(bytes);
    }

    private int CommonLength(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        foreach (var memory in _rest)
        {
            var compared = Math.Min(memory.Length, bytes.Length - at);
            var common = memory.Span[..compared].CommonPrefixLength(bytes[at..]);
            at += common;
            if (common < compared || at == bytes.Length)
            {
                break;
            }
        }

        return at;
    }

    private void Diverge()
    {
        _changed = new ArrayBufferWriter<byte>();
        foreach (var memory in _original.Slice(0, _same))
        {
            _changed.Write(memory.Span);
        }
    }
}
