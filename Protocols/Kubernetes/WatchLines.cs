using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>Cuts the stream of a watch into its lines, each one event.</summary>
internal static class WatchLines
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>The lines, each valid until the next is asked for. What stands behind the last line end was cut off and is no line.</summary>
    /// <exception cref="InvalidDataException">A line is longer than allowed.</exception>
    public static async IAsyncEnumerable<ReadOnlySequence<byte>> ReadAsync(Stream stream, int maxBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                var rest = result.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (!line.IsEmpty)
                    {
                        yield return line;
                    }
                }

                if (rest.Length > maxBytes)
                {
                    throw new InvalidDataException($"an event is longer than {maxBytes} bytes");
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (result.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}
