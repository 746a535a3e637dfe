using System.Buffers;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Writes the events of one streamed answer in the shape of its API.</summary>
/// <remarks>One instance serves one stream. Called once a token: no allocation for plain text.</remarks>
internal interface IChunkFormat
{
    /// <summary>Writes what comes before any token of a choice.</summary>
    void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage? usage);

    void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk);

    /// <summary>Writes the event that carries the whole usage, after the last choice has ended.</summary>
    void WriteUsage(IBufferWriter<byte> output, TokenUsage usage);
}
