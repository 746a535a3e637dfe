using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Forwarding;

/// <summary>The last bytes of an answer, kept beside the stream so that its end can be read without touching it.</summary>
/// <remarks>Two kilobytes hold the usage chunk and <c>[DONE]</c> with room for details; allocated with the first byte.</remarks>
internal sealed class AnswerTail
{
    private const int Capacity = 2048;

    private byte[]? _bytes;
    private int _count;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _bytes ??= new byte[Capacity];
        if (bytes.Length >= Capacity)
        {
            bytes[^Capacity..].CopyTo(_bytes);
            _count = Capacity;
            return;
        }

        if (_count + bytes.Length > Capacity)
        {
            // Drop the older half at least, so that many small chunks do not move the rest each time.
            var keep = Math.Min(Capacity / 2, Capacity - bytes.Length);
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

    public Usage? FindUsage() => Usage.FindLast(Last);

    private ReadOnlySpan<byte> Last => _bytes.AsSpan(0, _count);
}
