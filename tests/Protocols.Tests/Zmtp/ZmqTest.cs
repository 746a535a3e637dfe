using System.Collections.Concurrent;
using System.Text;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>Short words for socket tests.</summary>
internal static class ZmqTest
{
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The next message's frames, copied, with one generous limit.</summary>
    public static async Task<byte[][]> NextAsync(this ZmqReceiver socket)
    {
        using var message = await Eventually.DoneAsync(socket.ReceiveAsync().AsTask());
        return message.Frames();
    }

    public static byte[][] Frames(this ZmqMessage message) => [.. Enumerable.Range(0, message.FrameCount).Select(i => message[i].ToArray())];

    public static async Task<string[]> NextTextAsync(this ZmqReceiver socket) => [.. (await socket.NextAsync()).Select(Encoding.UTF8.GetString)];
}

/// <summary>Collects a socket's events and lets a test wait for one.</summary>
internal sealed class EventLog
{
    private readonly ConcurrentQueue<ZmqEvent> _events = new();

    public void Add(ZmqEvent what) => _events.Enqueue(what);

    public ZmqEvent[] Of(ZmqEventKind kind) => [.. _events.Where(e => e.Kind == kind)];

    public async Task<ZmqEvent> FirstAsync(ZmqEventKind kind)
    {
        await Eventually.TrueAsync(() => Of(kind).Length > 0, $"an event {kind}");
        return Of(kind)[0];
    }
}
