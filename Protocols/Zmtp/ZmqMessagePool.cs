using System.Buffers;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>Messages of one socket, used again. Thread-safe.</summary>
internal sealed class ZmqMessagePool
{
    /// <summary>Buffers up to this size stay with their message; KV-event batches of a step fit.</summary>
    public const int KeptBytes = 16 << 10;

    // 256 messages of 16 KiB: at most 4 MiB stay with an idle socket.
    private const int KeptMessages = 256;
    private const int SmallestBuffer = 1024;

    private readonly Stack<ZmqMessage> _free = new();
    private readonly Lock _gate = new();

    public ZmqMessage Rent(ZmqPeer peer)
    {
        ZmqMessage? message;
        lock (_gate)
        {
            _ = _free.TryPop(out message);
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
            if (_free.Count < KeptMessages)
            {
                _free.Push(message);
                return;
            }
        }

        ArrayPool<byte>.Shared.Return(message.Buffer);
    }
}
