using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>One op is one block read out of a batch of 256 blocks: 8 events of 32 blocks, or 256 events of one.</summary>
public class KvEventDecode
{
    private const int Blocks = 256;

    private readonly KvEventBuffers _buffers = new();
    private byte[] _batch = [];

    [Params(1, 32)]
    public int BlocksPerEvent { get; set; }

    [Params(KvEventForm.Array, KvEventForm.Map)]
    public KvEventForm Form { get; set; }

    [GlobalSetup]
    public void Prepare() => _batch = new EventBatches(Form, BlocksPerEvent, Blocks / BlocksPerEvent).Next();

    [Benchmark(OperationsPerInvoke = Blocks)]
    public int Decode()
    {
        var reader = new KvEventBatchReader(_batch, _buffers);
        if (!reader.TryReadHeader() || !reader.TryPeekRank(out _))
        {
            throw new InvalidOperationException("The batch is not readable.");
        }

        var blocks = 0;
        while (reader.TryRead())
        {
            blocks += reader.Current.BlockHashes.Length;
        }

        return blocks == Blocks ? blocks : throw new InvalidOperationException($"{blocks} blocks were read instead of {Blocks}.");
    }
}
