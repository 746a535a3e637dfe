using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>Drops connections that do not begin to speak HTTP/2 in time.</summary>
/// <remarks>Kestrel waits for the preface as long as it keeps idle connections, more than two minutes: time in which somebody who says nothing can hold many.</remarks>
internal static class PrefaceDeadline
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Runs the connection once it said enough to be judged; ends it when that takes too long.</summary>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        limit.CancelAfter(patience);
        try
        {
            await WaitAsync(connection.Transport.Input, limit.Token);
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            // Too late, or gone by itself.
            connection.Abort(new ConnectionAbortedException("The connection did not begin with an HTTP/2 preface in time."));
            return;
        }

        await next(connection);
    }

    private static async Task WaitAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            if (read.IsCompleted || CanBeJudged(read.Buffer))
            {
                // Nothing is taken: Kestrel reads it again, and at once.
                input.AdvanceTo(read.Buffer.Start);
                return;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    // A preface, as many bytes of something else, or a line of HTTP/1, which Kestrel answers with 400.
    private static bool CanBeJudged(in ReadOnlySequence<byte> received)
    {
        if (received.Length >= Preface.Length)
        {
            return true;
        }

        Span<byte> begin = stackalloc byte[(int)received.Length];
        received.CopyTo(begin);
        return begin.Contains((byte)'\n') && !Preface.StartsWith(begin);
    }
}
