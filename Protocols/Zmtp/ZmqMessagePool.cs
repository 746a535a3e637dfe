using System.Buffers;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>Messages of one socket, used again. Thread-safe.</summary>
internal sealed class ZmqMessagePool
{
    /// <summary>Buffers up to this size stay with their message; KV-event batches of a step fit.</summary>
    public const int KeptBytes = 16 << 10;

    // What an idle socket holds on to at most: a full queue of small messages, or 256 of the largest kept.
    private const int KeptInAll = 4 << 20;
    private const int SmallestBuffer = 1024;

    private readonly Stack<ZmqMessage> _free = new();
    private readonly Lock _gate = new();
    private int _kept;

    public ZmqMessage Rent(ZmqPeer peer)
    {
        ZmqMessage? message;
        lock (_gate)
        {
            if (_free.TryPop(out message))
            {
                _kept -= message.Buffer.Length;
            }
        }

        message ??= new ZmqMessage(this);
        message.Begin(peer);
        return message;
    }

    public static byte[] RentBuffer(int size) => ArrayPool<byte>.Shared.Rent(Math.Max(size, SmallestBuffer));

    public void Return(ZmqMessage message)
    {
        message.Shrink();
        lock (_gate)
        {
            if (_kept + message.Buffer.Length <= KeptInAll)
            {
                _kept += message.Buffer.Length;
                _free.Push(message);
                return;
            }
        }

        ArrayPool<byte>.Shared.Return(message.Buffer);
    }
}
