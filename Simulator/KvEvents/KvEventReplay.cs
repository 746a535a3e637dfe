using System.Buffers.Binary;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.Simulator.KvEvents;

/// <summary>Answers requests for batches of the past: the ROUTER socket beside a publisher.</summary>
/// <remarks>
/// A request is an empty frame and eight bytes, the first sequence number wanted. Each kept batch from there on comes as empty frame,
/// sequence number, batch; then, as the end, sequence number -1 with an empty batch (vLLM 0.9 to 0.25). Anything else is ignored.
/// </remarks>
internal sealed class KvEventReplay : IAsyncDisposable
{
    // A peer that asks and then does not read is given up, so that it cannot hold the others' turn for long.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_endSequence = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

    private readonly ZmqRouter _socket;
    private readonly ReplayBuffer _buffer;
    private readonly ILogger _logger;
    private Task _serving = Task.CompletedTask;
    private bool _toldOfOddRequest;

    public KvEventReplay(ReplayBuffer buffer, ILogger logger)
    {
        _buffer = buffer;
        _logger = logger;
        _socket = new ZmqRouter(new ZmqOptions { OnEvent = what => KvEventLog.Tell(logger, "KV event replay", what) });
    }

    /// <summary>Listens and begins to answer.</summary>
    /// <returns>The address with its real port.</returns>
    public string Bind(string address)
    {
        var bound = _socket.Bind(address);
        _serving = ServeAsync();
        return bound;
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        await _serving;
    }

    private async Task ServeAsync()
    {
        await foreach (var request in _socket.ReadAllAsync())
        {
            using (request)
            {
                if (request.FrameCount != 2 || request.Span(0).Length != 0 || request.Span(1).Length != sizeof(ulong))
                {
                    TellOnce(request.FrameCount);
                    continue;
                }

                try
                {
                    await ReplayAsync(request.Peer, BinaryPrimitives.ReadUInt64BigEndian(request.Span(1)));
                }
                catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
                {
                    KvEventLog.ReplayBroken(_logger, e.GetType().Name);
                }
            }
        }
    }

    // A peer may send as many as it likes: the log is not its place to write.
    private void TellOnce(int frames)
    {
        if (!_toldOfOddRequest)
        {
            _toldOfOddRequest = true;
            KvEventLog.NotAReplayRequest(_logger, frames);
        }
    }

    private async Task ReplayAsync(ZmqPeer peer, ulong start)
    {
        using var patience = new CancellationTokenSource();
        var sequence = new byte[sizeof(ulong)];
        foreach (var batch in _buffer.From(start))
        {
            BinaryPrimitives.WriteUInt64BigEndian(sequence, batch.Sequence);
            patience.CancelAfter(s_patience);
            if (!await _socket.SendAsync(peer, [default, sequence, batch.Payload], patience.Token))
            {
                return;
            }
        }

        _ = await _socket.SendAsync(peer, [default, s_endSequence, default], patience.Token);
    }
}
