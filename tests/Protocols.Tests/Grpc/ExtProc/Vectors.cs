using System.Buffers;
using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>Messages that Google's protobuf wrote, and the codecs under test.</summary>
internal static class Vectors
{
    public static readonly IMessageCodec<ProcessingRequest> Requests = ExternalProcessor.Process.RequestCodec;
    public static readonly IMessageCodec<ProcessingResponse> Responses = ExternalProcessor.Process.ResponseCodec;

    public static IReadOnlyList<byte[]> RequestBytes { get; } = Read(nameof(ProcessingRequest));

    public static IReadOnlyList<byte[]> ResponseBytes { get; } = Read(nameof(ProcessingResponse));

    public static string Folder { get; } = Path.GetDirectoryName(ThisFile())!;

    public static ProcessingRequest Request(int index) => Requests.Read(new ReadOnlySequence<byte>(RequestBytes[index]));

    public static ProcessingResponse Response(int index) => Responses.Read(new ReadOnlySequence<byte>(ResponseBytes[index]));

    /// <summary>What a codec writes, which must be as long as it said.</summary>
    public static byte[] Write<T>(IMessageCodec<T> codec, T message)
    {
        var output = new ArrayBufferWriter<byte>();
        codec.Write(message, output);
        Assert.Equal(codec.Measure(message), output.WrittenCount);
        return output.WrittenSpan.ToArray();
    }

    private static byte[][] Read(string name) =>
        [.. File.ReadLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "vectors.txt"))
            .Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => Convert.FromHexString(line[(name.Length + 1)..]))];

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
