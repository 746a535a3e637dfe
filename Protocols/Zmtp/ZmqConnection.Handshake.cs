using System.Net.Sockets;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

internal sealed partial class ZmqConnection
{
    private bool _speaksCommands;

    /// <summary>Greeting, then READY, both ways. The whole greeting is sent at once; libzmq waits for its eleventh byte before it sends the rest of its own.</summary>
    private async Task<ReadyProperties> ShakeHandsAsync()
    {
        await SendAllAsync(ZmtpGreeting.Ours);
        while (true)
        {
            if (ZmtpGreeting.Refuse(_buffer.AsSpan(_start, _end - _start)) is { } refusal)
            {
                throw new ZmtpProtocolException(refusal);
            }

            if (_end - _start >= ZmtpGreeting.Size)
            {
                break;
            }

            await FillForHandshakeAsync();
        }

        _speaksCommands = ZmtpGreeting.SpeaksCommands(_buffer.AsSpan(_start));
        _start += ZmtpGreeting.Size;
        await SendFrameAsync(ZmtpCommand.BuildReady(_owner.Kind.Name, _options.Identity.Span, _owner.Kind.AnnouncesIdentity));
        var ready = await ReadReadyAsync();
        if (!_owner.Kind.Partners.Contains(ready.SocketType))
        {
            var mismatch = $"a {_owner.Kind.Name} socket cannot talk to a {ready.SocketType} socket, only to {string.Join(", ", _owner.Kind.Partners)}";
            await SendFrameAsync(ZmtpCommand.BuildError(mismatch));
            throw new ZmtpProtocolException(mismatch);
        }

        return ready;
    }

    private async Task<ReadyProperties> ReadReadyAsync()
    {
        while (true)
        {
            if (FrameHeader.TryRead(_buffer.AsSpan(_start, _end - _start), out var header, out var size))
            {
                if (!header.IsCommand)
                {
                    throw new ZmtpProtocolException("the peer sent a message before READY");
                }

                ThrowIfTooLong(header);
                if (_end - _start >= size + header.Length)
                {
                    _start += size + (int)header.Length;
                    return ParseReady(_buffer.AsSpan(_start - (int)header.Length, (int)header.Length));
                }
            }

            await FillForHandshakeAsync();
        }
    }

    private static ReadyProperties ParseReady(ReadOnlySpan<byte> body)
    {
        ZmtpCommand.Split(body, out var name, out var data);
        return name.SequenceEqual(ZmtpCommand.Ready) ? ReadyProperties.Read(data)
            : name.SequenceEqual(ZmtpCommand.Error) ? throw new ZmtpProtocolException($"the peer refused: {ReasonOf(data)}")
            : throw new ZmtpProtocolException("the peer sent a command before READY");
    }

    private static string ReasonOf(ReadOnlySpan<byte> data) =>
        data.IsEmpty ? "no reason given" : System.Text.Encoding.ASCII.GetString(data.Slice(1, Math.Min(data[0], data.Length - 1)));

    private static void ThrowIfTooLong(FrameHeader header)
    {
        if (header.Length > MaxCommandBytes)
        {
            throw new ZmtpProtocolException($"a command of {header.Length} bytes; at most {MaxCommandBytes} are taken");
        }
    }

    private async ValueTask FillForHandshakeAsync()
    {
        if (!await FillAsync())
        {
            // A connection opened and closed without a byte is a health probe or a port scan, not worth a word.
            throw _end == 0 && !_timedOutInHandshake ? new SocketException((int)SocketError.ConnectionReset) : new ZmtpProtocolException("the peer went away in the middle of the handshake");
        }
    }

    private async ValueTask SendFrameAsync(byte[] commandBody)
    {
        var frame = new byte[FrameHeader.MaxSize + commandBody.Length];
        var size = FrameHeader.Write(frame, FrameHeader.Command, commandBody.Length);
        commandBody.CopyTo(frame, size);
        await SendAllAsync(frame.AsMemory(0, size + commandBody.Length));
    }
}
