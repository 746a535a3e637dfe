using System.Buffers;
using System.Text.Json;
using LlmdAspire.EngineModel;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Writes one answer in the shape of its API, as a whole or as the events of a stream.</summary>
/// <remarks>One instance serves one answer. Events come once a token: no allocation for plain text.</remarks>
internal interface IAnswerFormat : IDisposable
{
    /// <summary>Writes the whole answer, once every sequence has ended.</summary>
    /// <param name="writeTransfer">Writes <c>kv_transfer_params</c>.</param>
    void WriteWhole(Utf8JsonWriter json, Generation generation, TokenUsage usage, Action writeTransfer);

    /// <summary>Writes what comes before any token of a choice.</summary>
    void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage);

    void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk);

    /// <summary>Writes what comes after the last choice has ended.</summary>
    /// <param name="usage">The whole usage.</param>
    /// <param name="tellsUsage">Whether the client asked for it.</param>
    void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage);
}
