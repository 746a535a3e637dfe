using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>An engine's event side on real sockets: a publisher and, if asked for, a replay port that keeps what was published.</summary>
internal sealed class EventPublisher : IAsyncDisposable
{
    private readonly ZmqPublisher _publisher;
    private readonly ZmqRouter? _router;
    private readonly SortedDictionary<long, byte[]> _kept = [];
    private readonly ConcurrentQueue<long> _requests = new();
    private readonly string _topic;
    private readonly Task _serving;
    private readonly TaskCompletionSource _subscribed;

    private EventPublisher(ZmqPublisher publisher, TaskCompletionSource subscribed, ZmqRouter? router, string topic)
    {
        _publisher = publisher;
        _subscribed = subscribed;
        _router = router;
        _topic = topic;
        _serving = router is null ? Task.CompletedTask : Task.Run(ServeAsync);
    }

    public string Events { get; private init; } = "";

    public string Replay { get; private init; } = "";

    /// <summary>Start sequences asked for.</summary>
    public IReadOnlyCollection<long> Requests => _requests;

    /// <summary>Whether the replay port answers.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>Whether what is published from now on reaches subscribers; it is kept for replay all the same.</summary>
    public bool Sends { get; set; } = true;

    public static EventPublisher Bind(bool replay = false, string topic = "", string events = "tcp://127.0.0.1:0", string replayAddress = "tcp://127.0.0.1:0")
    {
        var (publisher, subscribed) = Create();
        var router = replay ? new ZmqRouter(new ZmqOptions { Linger = TimeSpan.Zero }) : null;
        var bound = publisher.Bind(events);
        return new EventPublisher(publisher, subscribed, router, topic) { Events = bound, Replay = router?.Bind(replayAddress) ?? "" };
    }

    /// <summary>A publisher that dials an indexer.</summary>
    public static EventPublisher Dial(string address, string topic)
    {
        var (publisher, subscribed) = Create();
        publisher.Connect(address);
        return new EventPublisher(publisher, subscribed, null, topic) { Events = address };
    }

    /// <summary>Waits until somebody asked for the events; what is published before is lost.</summary>
    public Task SubscribedAsync() => Eventually.DoneAsync(_subscribed.Task);

    /// <summary>Publishes one batch.</summary>
    public void Publish(long sequence, double time, Action<KvEventBatchWriter> events, int? rank = 0, KvEventForm form = KvEventForm.Map)
    {
        var writer = new KvEventBatchWriter(form);
        events(writer);
        PublishRaw(sequence, writer.Complete(time, rank).ToArray());
    }

    public void PublishRaw(long sequence, byte[] payload)
    {
        lock (_kept)
        {
            _kept[sequence] = payload;
        }

        if (Sends)
        {
            _ = _publisher.Send(Encoding.UTF8.GetBytes(_topic), Number(sequence), payload);
        }
    }

    /// <summary>Forgets batches as a full replay buffer does.</summary>
    public void ForgetBefore(long sequence)
    {
        lock (_kept)
        {
            foreach (var old in _kept.Keys.Where(kept => kept < sequence).ToList())
            {
                _ = _kept.Remove(old);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _publisher.DisposeAsync();
        if (_router is not null)
        {
            await _router.DisposeAsync();
        }

        await _serving;
    }

    private static (ZmqPublisher, TaskCompletionSource) Create()
    {
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var publisher = new ZmqPublisher(new ZmqOptions
        {
            Linger = TimeSpan.Zero,
            OnEvent = change => _ = change.Kind == ZmqEventKind.Subscribed && subscribed.TrySetResult(),
        });
        return (publisher, subscribed);
    }

    private async Task ServeAsync()
    {
        await foreach (var request in _router!.ReadAllAsync())
        {
            using (request)
            {
                var from = BinaryPrimitives.ReadInt64BigEndian(request.Span(1));
                _requests.Enqueue(from);
                if (!Answers)
                {
                    continue;
                }

                KeyValuePair<long, byte[]>[] kept;
                lock (_kept)
                {
                    kept = [.. _kept.Where(batch => batch.Key >= from)];
                }

                foreach (var (sequence, payload) in kept)
                {
                    _ = _router.TrySend(request.Peer, Array.Empty<byte>(), Number(sequence), payload);
                }

                _ = _router.TrySend(request.Peer, Array.Empty<byte>(), Number(-1), Array.Empty<byte>());
            }
        }
    }

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
