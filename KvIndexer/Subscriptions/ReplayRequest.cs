using System.Buffers.Binary;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>Asks an engine's replay port for the batches it kept.</summary>
internal static class ReplayRequest
{
    /// <summary>Longest silence: the engine answers between its own steps, at worst some hundred milliseconds apart.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Longest time for all.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Sends the request and hands over each batch in order.</summary>
    /// <param name="take">Gets sequence and payload; false ends the replay early. The payload is good until it returns.</param>
    /// <returns>Batches handed over, or null when the engine did not answer to the end.</returns>
    public static async Task<int?> RunAsync(string address, long from, Func<byte[], long, ReadOnlyMemory<byte>, bool> take, TimeProvider clock, CancellationToken cancellation)
    {
        await using var dealer = new ZmqDealer(new ZmqOptions { Linger = TimeSpan.Zero, TimeProvider = clock });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            dealer.Connect(address);
            using (var patience = Within(limit.Token))
            {
                await dealer.WaitForPeersAsync(1, patience.Token);
            }

            var start = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(start, from);
            // A ROUTER wants the empty frame that a REQ socket would send.
            _ = dealer.TrySend(ReadOnlyMemory<byte>.Empty, start);
            for (var batches = 0; ; batches++)
            {
                using var patience = Within(limit.Token);
                using var message = await dealer.ReceiveAsync(patience.Token);
                if (!TryRead(message, out var topic, out var sequence, out var payload))
                {
                    return batches;
                }

                if (!take(topic, sequence, payload))
                {
                    return batches + 1;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    // Answers are ["", seq, payload], from vLLM 0.26 on ["", topic, seq, payload]; the end has an empty payload and sequence -1.
    private static bool TryRead(ZmqMessage message, out byte[] topic, out long sequence, out ReadOnlyMemory<byte> payload)
    {
        var last = message.FrameCount - 1;
        (topic, sequence, payload) = ([], -1, default);
        if (last < 1 || message[last].IsEmpty || message[last - 1].Length != 8)
        {
            return false;
        }

        topic = last >= 3 ? message.Span(last - 2).ToArray() : [];
        sequence = BinaryPrimitives.ReadInt64BigEndian(message.Span(last - 1));
        payload = message[last];
        return sequence >= 0;
    }

    private static CancellationTokenSource Within(CancellationToken limit)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(limit);
        patience.CancelAfter(Patience);
        return patience;
    }
}
