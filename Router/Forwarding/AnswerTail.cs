using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Forwarding;

/// <summary>The last bytes of an answer, kept beside the stream so that its end can be read without touching it.</summary>
/// <remarks>Two kilobytes hold the usage chunk and <c>[DONE]</c> with room for details; allocated with the first byte.</remarks>
internal sealed class AnswerTail
{
    private const int Capacity = 2048;

    private byte[]? _bytes;
    private int _count;
    private bool _isWhole = true;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _bytes ??= new byte[Capacity];
        if (bytes.Length >= Capacity)
        {
            _isWhole &= _count == 0;
            bytes[^Capacity..].CopyTo(_bytes);
            _count = Capacity;
            _isWhole &= bytes.Length == Capacity;
            return;
        }

        if (_count + bytes.Length > Capacity)
        {
            // Drop the older half at least, so that many small chunks do not move the rest each time.
            var keep = Math.Min(Capacity / 2, Capacity - bytes.Length);
            _isWhole = false;
            _bytes.AsSpan(_count - keep, keep).CopyTo(_bytes);
            _count = keep;
        }

        bytes.CopyTo(_bytes.AsSpan(_count));
        _count += bytes.Length;
    }

    public bool IsEmpty => _count == 0;

    /// <summary>Whether an event ended here, so that another can begin.</summary>
    public bool EndsEvent => Last.EndsWith("\n\n"u8) || Last.EndsWith("\r\n\r\n"u8);

    public bool SawDone => Last.IndexOf("data: [DONE]"u8) >= 0 || Last.IndexOf("data:[DONE]"u8) >= 0;

    /// <summary>A copy of the last whole events, or of the whole answer; empty where only a part of something else is left.</summary>
    public byte[] TakeLastEvents(bool isEvents)
    {
        if (_isWhole)
        {
            return Last.ToArray();
        }

        var end = isEvents ? Last.IndexOf("\n\n"u8) : -1;
        return end < 0 ? [] : Last[(end + 2)..].ToArray();
    }

    public Usage? FindUsage() => Usage.FindLast(Last);

    private ReadOnlySpan<byte> Last => _bytes.AsSpan(0, _count);
}
