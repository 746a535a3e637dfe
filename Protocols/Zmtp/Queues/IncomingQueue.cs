namespace LlmdAspire.Protocols.Zmtp.Queues;

/// <summary>Messages received and not yet taken: many connections put, one consumer takes, order per connection is kept.</summary>
/// <remarks>
/// Full when either bound is reached; a message larger than the byte bound is let into an empty queue. A connection that found it full
/// goes on when it is half empty, so that it then moves many messages per wake-up instead of one.
/// </remarks>
internal sealed class IncomingQueue(int maxMessages, long maxBytes)
{
    private readonly Queue<ZmqMessage> _messages = new();
    private readonly Lock _gate = new();
    private readonly AsyncSignal _available = new();
    private readonly ChangeNotice _room = new();
    private long _bytes;
    private bool _someoneWaitsForRoom;
    private bool _closed;

    /// <summary>False when full. On a closed queue the message is let go and true returned: nobody will ever take it.</summary>
    public bool TryPut(ZmqMessage message)
    {
        bool wasEmpty;
        lock (_gate)
        {
            if (_closed)
            {
                message.Dispose();
                return true;
            }

            wasEmpty = _messages.Count == 0;
            if (!wasEmpty && (_messages.Count >= maxMessages || _bytes + message.Length > maxBytes))
            {
                _someoneWaitsForRoom = true;
                return false;
            }

            _messages.Enqueue(message);
            _bytes += message.Length;
        }

        if (wasEmpty)
        {
            _available.Set();
        }

        return true;
    }

    public async Task PutAsync(ZmqMessage message)
    {
        while (true)
        {
            var room = _room.Next();
            if (TryPut(message))
            {
                return;
            }

            await room;
        }
    }

    public bool TryTake(out ZmqMessage message)
    {
        bool raise;
        lock (_gate)
        {
            if (!_messages.TryDequeue(out message!))
            {
                return false;
            }

            _bytes -= message.Length;
            raise = _someoneWaitsForRoom && _messages.Count <= maxMessages / 2 && _bytes <= maxBytes / 2;
            _someoneWaitsForRoom &= !raise;
        }

        if (raise)
        {
            _room.Raise();
        }

        return true;
    }

    /// <summary>Returns when there may be a message, the queue closed, or <see cref="Wake"/> was called.</summary>
    public ValueTask WaitAsync() => _available.WaitAsync();

    public void Wake() => _available.Set();

    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

    /// <summary>Lets go of what is queued and wakes everybody.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_messages.TryDequeue(out var message))
            {
                message.Dispose();
            }

            _bytes = 0;
        }

        _available.Set();
        _room.Raise();
    }
}
