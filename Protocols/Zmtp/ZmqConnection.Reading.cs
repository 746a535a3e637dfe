using System.Net.Sockets;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

internal sealed partial class ZmqConnection
{
    private async Task ReadAsync()
    {
        ZmqMessage? building = null;
        try
        {
            while (true)
            {
                while (FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out var header, out var size))
                {
                    if (header.IsCommand)
                    {
                        if (building is not null)
                        {
                            throw new ZmtpProtocolException("a command in the middle of a multi-part message");
                        }

                        ThrowIfTooLong(header);
                        if (_end - _start < size + header.Length)
                        {
                            break;
                        }

                        var body = _buffer.AsSpan(_start + size, (int)header.Length);
                        _start += size + (int)header.Length;
                        OnCommand(body);
                        continue;
                    }

                    _start += size;
                    building ??= _owner.Messages.Rent(Peer!);
                    ThrowIfTooLarge(building, header);
                    if (_end - _start >= header.Length)
                    {
                        building.Append(_buffer.AsSpan(_start, (int)header.Length));
                        _start += (int)header.Length;
                    }
                    else if (!await ReadRestAsync(building, (int)header.Length))
                    {
                        return;
                    }

                    building.EndFrame();
                    if (!header.HasMore)
                    {
                        var message = building;
                        building = null;
                        if (!_owner.TryAccept(this, message))
                        {
                            await WaitForRoomAsync(message);
                        }
                    }
                }

                if (!await FillAsync())
                {
                    return;
                }
            }
        }
        finally
        {
            building?.Dispose();
        }
    }

    // A frame that is not here yet in full goes straight from the socket into the message.
    private async ValueTask<bool> ReadRestAsync(ZmqMessage building, int length)
    {
        var here = _end - _start;
        building.Append(_buffer.AsSpan(_start, here));
        _start = _end = 0;
        for (var missing = length - here; missing > 0;)
        {
            // Room for at most one receive buffer more than what has come, so that a header alone costs no memory.
            var room = building.Room(Math.Min(missing, ReceiveBufferBytes));
            var received = await ReceiveAsync(room[..Math.Min(missing, room.Length)]);
            if (received == 0)
            {
                return false;
            }

            building.Advance(received);
            missing -= received;
        }

        return true;
    }

    private async ValueTask WaitForRoomAsync(ZmqMessage message)
    {
        // While we do not read, silence is ours and not the peer's.
        _notReading = true;
        await _owner.AcceptAsync(message);
        _lastReceived = _options.TimeProvider.GetTimestamp();
        _notReading = false;
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var received = await ReceiveAsync(_buffer.AsMemory(_end));
        _end += received;
        return received > 0;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> memory)
    {
        var received = await _socket.ReceiveAsync(memory, SocketFlags.None);
        _lastReceived = _options.TimeProvider.GetTimestamp();
        return received;
    }

    private void ThrowIfTooLarge(ZmqMessage building, FrameHeader header)
    {
        if (header.Length > _owner.MaxIncomingBytes - building.Length)
        {
            throw new ZmtpProtocolException($"a message of more than {_owner.MaxIncomingBytes} bytes; raise {nameof(ZmqOptions.MaxMessageBytes)} if that is meant");
        }

        if (building.FrameCount == ZmqMessage.MaxFrames)
        {
            throw new ZmtpProtocolException($"a message of more than {ZmqMessage.MaxFrames} frames");
        }
    }

    private void OnCommand(ReadOnlySpan<byte> body)
    {
        ZmtpCommand.Split(body, out var name, out var data);
        if (name.SequenceEqual(ZmtpCommand.Ping))
        {
            AnswerPing(data);
        }
        else if (name.SequenceEqual(ZmtpCommand.Subscribe))
        {
            _owner.OnSubscription(this, data, subscribe: true);
        }
        else if (name.SequenceEqual(ZmtpCommand.Cancel))
        {
            _owner.OnSubscription(this, data, subscribe: false);
        }
        else if (name.SequenceEqual(ZmtpCommand.Error))
        {
            throw new ZmtpProtocolException($"the peer reports an error: {ReasonOf(data)}");
        }

        // PONG has done its work by arriving; commands of later versions are passed over, as the specification asks.
    }
}
