using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>The other process of <see cref="Ingest"/>: a PUB socket that sends prepared batches as fast as its subscriber takes them.</summary>
/// <remarks>Writes its address, sends after the first line on standard input, then writes its CPU seconds and waits for the input to end.</remarks>
internal static class Publish
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (blocksPerEvent, eventsPerBatch, count) = (Number(args[0]), Number(args[1]), Number(args[2]));
        var source = new EventBatches(KvEventForm.Map, blocksPerEvent, eventsPerBatch);
        var batches = Enumerable.Range(0, count).Select(_ => source.Next()).ToArray();
        var subscribed = new TaskCompletionSource();
        await using var socket = new ZmqPublisher(new ZmqOptions
        {
            OnEvent = change =>
            {
                if (change.Kind == ZmqEventKind.Subscribed)
                {
                    _ = subscribed.TrySetResult();
                }
            },
        });
        Console.WriteLine(socket.Bind("tcp://127.0.0.1:0"));
        await subscribed.Task;
        _ = await Console.In.ReadLineAsync();
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        Send(socket, batches);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;
        Console.WriteLine(cpu.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        _ = await Console.In.ReadToEndAsync();
        return 0;
    }

    private static void Send(ZmqPublisher socket, byte[][] batches)
    {
        var sequence = new byte[8];
        for (var i = 0; i < batches.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(sequence, i);
            // A full queue refuses the message; here, unlike in an engine, it is offered again.
            while (socket.Send(Array.Empty<byte>(), sequence, batches[i]) == 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
