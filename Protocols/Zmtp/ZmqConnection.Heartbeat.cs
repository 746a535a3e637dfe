using System.Buffers.Binary;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp;

internal sealed partial class ZmqConnection
{
    private long _lastReceived;
    private volatile bool _notReading;
    private volatile bool _handshakeDone;
    private volatile bool _timedOutInHandshake;
    private ITimer? _heartbeat;
    private long _peerTimeToLiveTicks;

    // One timer per connection: first the deadline of the handshake, then the beat.
    private ITimer StartTimer() =>
        _options.TimeProvider.CreateTimer(static state => ((ZmqConnection)state!).OnTimer(), this, _options.HandshakeTimeout, Timeout.InfiniteTimeSpan);

    private void StartHeartbeat(ITimer timer)
    {
        _heartbeat = timer;
        var interval = Pings ? _options.HeartbeatInterval : Timeout.InfiniteTimeSpan;
        _ = timer.Change(interval, interval);
    }

    /// <summary>Time since the peer sent anything at all.</summary>
    internal TimeSpan Silence => _options.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastReceived));

    private bool Pings => _speaksCommands && _options.HeartbeatInterval > TimeSpan.Zero;

    private void OnTimer()
    {
        if (!_handshakeDone)
        {
            _timedOutInHandshake = true;
            _ = Close($"no complete handshake within {_options.HandshakeTimeout.TotalSeconds:0.#} s");
            return;
        }

        var limit = SilenceLimit();
        var silence = Silence;
        if (!_notReading && silence > limit)
        {
            _ = Close($"nothing heard for {silence.TotalSeconds:0.#} s");
        }
        else if (Pings)
        {
            _outgoing.AppendControl(FrameHeader.Command, ZmtpCommand.BuildPing(_options.HeartbeatTimeout), vital: false);
        }
    }

    private TimeSpan SilenceLimit()
    {
        var ours = Pings ? _options.HeartbeatTimeout : TimeSpan.MaxValue;
        var theirs = Interlocked.Read(ref _peerTimeToLiveTicks);
        return theirs > 0 && theirs < ours.Ticks ? TimeSpan.FromTicks(theirs) : ours;
    }

    // PING carries the time, in tenths of a second, after which its sender wants to be given up, and a context to be sent back.
    private void AnswerPing(ReadOnlySpan<byte> data)
    {
        if (data.Length is < 2 or > 2 + ZmtpCommand.MaxPingContext)
        {
            throw new ZmtpProtocolException("a PING without its time to live, or with more than 16 bytes of context");
        }

        var timeToLive = TimeSpan.FromMilliseconds(100 * BinaryPrimitives.ReadUInt16BigEndian(data));
        if (timeToLive > TimeSpan.Zero && Interlocked.Exchange(ref _peerTimeToLiveTicks, timeToLive.Ticks) == 0 && !Pings)
        {
            _ = _heartbeat?.Change(timeToLive, timeToLive);
        }

        _outgoing.AppendControl(FrameHeader.Command, ZmtpCommand.Build(ZmtpCommand.Pong, data[2..]), vital: false);
    }
}
