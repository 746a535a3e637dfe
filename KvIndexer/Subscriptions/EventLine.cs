using System.Buffers.Binary;
using System.Net;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>One SUB socket and what it takes to keep the index in step with it: catching up after connecting, filling gaps by replay.</summary>
internal sealed class EventLine : IAsyncDisposable
{
    private static readonly TimeSpan s_modelRetry = TimeSpan.FromSeconds(1);

    /// <summary>After a replay that nobody answered, gaps are not asked for this long: waiting for each would lose still more.</summary>
    private static readonly TimeSpan s_replayRest = TimeSpan.FromSeconds(30);

    private readonly IEventOrigin _origin;
    private readonly EventIntake _intake;
    private readonly TimeProvider _clock;
    private readonly IndexerMetrics _metrics;
    private readonly ILogger<EventLine> _logger;
    private readonly ZmqSubscriber _socket;
    private readonly SemaphoreSlim _connected = new(0, 1);
    private DateTimeOffset _restUntil;

    // Replays carry a topic only from vLLM 0.26 on; before, the live line's is the best guess.
    private byte[] _topic = [];

    // A replay found batches whose model is not known; it is asked for again once somebody tells.
    private bool _owesCatchUp;

    // The engine is being asked for its model; one question at a time.
    private Task? _learning;

    public EventLine(IEventOrigin origin, EventIntake intake, IndexerMetrics metrics, TimeProvider clock, Func<IPAddress, string?>? refuses, ILogger<EventLine> logger)
    {
        _origin = origin;
        _intake = intake;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _socket = new ZmqSubscriber(new ZmqOptions
        {
            // A slow moment is no reason for the publisher to drop; beyond this its own high-water mark decides.
            ReceiveHighWaterMark = 10_000,
            ReceiveBufferBytes = 16 << 20,
            Linger = TimeSpan.Zero,
            Refuses = refuses,
            OnEvent = OnSocket,
        });
        _socket.Subscribe("");
    }

    /// <summary>Connects to a publisher.</summary>
    public void Connect(string address) => _socket.Connect(address);

    /// <summary>Lets publishers connect.</summary>
    /// <returns>The address with its real port.</returns>
    public string Bind(string address) => _socket.Bind(address);

    /// <summary>Follows the events until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not ObjectDisposedException)
            {
                Log.FollowingFailed(_logger, e, _origin.Name);
                await Task.Delay(s_modelRetry, _clock, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        _connected.Dispose();
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        using var round = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var connected = _connected.WaitAsync(round.Token);
        var message = _socket.ReceiveAsync(round.Token).AsTask();
        try
        {
            while (true)
            {
                // Live events go on while the engine is asked for its model: their topic may tell it first.
                var model = _owesCatchUp ? _learning ??= LearnModelAsync(round.Token) : null;
                _ = model is null ? await Task.WhenAny(connected, message) : await Task.WhenAny(connected, message, model);
                if (connected.IsCompleted)
                {
                    await connected;
                    connected = _connected.WaitAsync(round.Token);
                    await CatchUpAsync(cancellation);
                }
                else if (model is { IsCompleted: true })
                {
                    _learning = null;
                    await model;
                    await CatchUpIfOwedAsync(cancellation);
                }
                else
                {
                    await TakeAsync(await message, cancellation);
                    while (!connected.IsCompleted && _socket.TryReceive(out var next))
                    {
                        await TakeAsync(next, cancellation);
                    }

                    message = _socket.ReceiveAsync(round.Token).AsTask();
                }
            }
        }
        finally
        {
            await round.CancelAsync();
            _learning = null;
            if (message.IsCompletedSuccessfully)
            {
                (await message).Dispose();
            }
        }
    }

    private async Task TakeAsync(ZmqMessage message, CancellationToken cancellation)
    {
        using (message)
        {
            if (message.FrameCount < 2 || message[message.FrameCount - 2].Length != 8)
            {
                _ = _intake.Unreadable("no message of three frames with a sequence of eight bytes");
                return;
            }

            var sequence = BinaryPrimitives.ReadInt64BigEndian(message.Span(message.FrameCount - 2));
            if (message.FrameCount > 2 && !message.Span(0).SequenceEqual(_topic))
            {
                _topic = message[0].ToArray();
                // What a replay owes comes first: after later batches it would count as old.
                await CatchUpIfOwedAsync(cancellation);
            }

            var taken = await TakeKnownAsync(message, sequence, Delivery.Live, cancellation);
            if (taken is Taken.NeedsReplay or Taken.NeedsReplayFromStart)
            {
                if (_clock.GetUtcNow() >= _restUntil)
                {
                    await ReplayAsync(taken == Taken.NeedsReplay ? (_origin.Main?.Sequence.Last + 1) ?? 0 : 0, cancellation);
                }

                _ = await TakeKnownAsync(message, sequence, Delivery.AfterReplay, cancellation);
            }
        }
    }

    // Events wait for their model, in order and in the socket's bounded buffer: under a wrong name they would be indexed for nobody.
    private async Task<Taken> TakeKnownAsync(ZmqMessage message, long sequence, Delivery delivery, CancellationToken cancellation)
    {
        var payload = message[message.FrameCount - 1];
        while (true)
        {
            var taken = _intake.Take(_topic, sequence, payload, message.Peer, delivery);
            if (taken != Taken.NeedsModel)
            {
                return taken;
            }

            await (_learning ??= LearnModelAsync(cancellation));
            _learning = null;
            await CatchUpIfOwedAsync(cancellation);
        }
    }

    private async Task LearnModelAsync(CancellationToken cancellation)
    {
        for (var told = false; !await _origin.LearnModelAsync(cancellation); told = true)
        {
            if (!told)
            {
                Log.NoModel(_logger, _origin.Name);
            }

            await Task.Delay(s_modelRetry, _clock, cancellation);
        }
    }

    private Task CatchUpIfOwedAsync(CancellationToken cancellation) => _owesCatchUp ? CatchUpAsync(cancellation) : Task.CompletedTask;

    // The line is new: what was published before, or while it was down, is asked for. The last batch known is asked for too; a publisher that does not have it, or
    // has another one under its number, is a new one.
    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        if (_origin.Replay is null || _origin.Main is not { } endpoint)
        {
            return;
        }

        var last = endpoint.Sequence.Last;
        var batches = await ReplayAsync(last ?? 0, cancellation);
        if (batches == 0 && last is not null)
        {
            _intake.Restart(endpoint);
        }
    }

    /// <returns>Batches replayed, or null when the engine did not answer to the end or the model of its batches is not known yet.</returns>
    private async Task<int?> ReplayAsync(long from, CancellationToken cancellation)
    {
        using var span = IndexerMetrics.Spans.StartActivity("kv events replay");
        _ = span?.SetTag("llmd.engine", _origin.Name);
        var again = true;
        int? batches = null;
        while (again)
        {
            again = false;
            _owesCatchUp = false;
            batches = await ReplayRequest.RunAsync(
                _origin.Replay!, from, (topic, sequence, payload) =>
                {
                    var taken = _intake.Take(topic.Length > 0 ? topic : _topic, sequence, payload, null, Delivery.Replayed);
                    _owesCatchUp = taken == Taken.NeedsModel;
                    again = taken == Taken.NeedsReplayFromStart;
                    return !again && !_owesCatchUp;
                }, _clock, cancellation);
            Log.Replayed(_logger, _origin.Name, from, batches ?? 0, batches is null ? "no answer to the end" : again || _owesCatchUp ? "to be asked again" : "complete");
            from = 0;
        }

        if (_owesCatchUp)
        {
            return null;
        }

        _metrics.Replayed(batches is null ? "failed" : "complete");
        _restUntil = batches is null ? _clock.GetUtcNow() + s_replayRest : default;
        return batches;
    }

    private void OnSocket(ZmqEvent change)
    {
        switch (change.Kind)
        {
            case ZmqEventKind.Connected:
                Log.Connected(_logger, _origin.Name, change.Address);
                _origin.OnLine(change);
                SignalConnected();
                break;
            case ZmqEventKind.Disconnected or ZmqEventKind.Unreachable:
                Log.Disconnected(_logger, _origin.Name, change.Address, change.Reason);
                _origin.OnLine(change);
                break;
            case ZmqEventKind.Refused or ZmqEventKind.AcceptFailed:
                Log.Refused(_logger, change.Address, change.Reason);
                break;
            case ZmqEventKind.Listening:
                Log.Listening(_logger, change.Address);
                break;
        }
    }

    private void SignalConnected()
    {
        try
        {
            _ = _connected.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else said so already, or the line is closing.
        }
    }
}
