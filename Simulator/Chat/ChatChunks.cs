using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;

namespace LlmdAspire.Simulator.Chat;

/// <summary>The events of a streamed chat answer: for each choice its role, then its text.</summary>
internal sealed class ChatChunks(AnswerHead head, GenerationFields asked, List<int> prompt) : IChunkFormat
{
    private readonly byte[] _head = ChunkHead.Of(head, "chat.completion.chunk");

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage? usage)
    {
        output.Write(_head);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, choice);
        output.Write(",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"prompt_token_ids\":"u8);
        TokenIds.Write(output, asked.ReturnTokenIds, CollectionsMarshal.AsSpan(prompt));
        WriteEnd(output, usage);
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        output.Write(_head);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, chunk.Choice);
        output.Write(",\"delta\":{\"content\":\""u8);
        JsonText.WriteEscaped(output, chunk.Text);
        output.Write("\"},\"logprobs\":null,\"finish_reason\":"u8);
        if (chunk.Finish == FinishReason.None)
        {
            output.Write("null"u8);
        }
        else
        {
            output.Write("\""u8);
            output.Write(Encoding.ASCII.GetBytes(FinishText.Of(chunk.Finish)));
            output.Write("\",\"stop_reason\":"u8);
            FinishText.WriteStopReason(output, chunk.Sequence);
        }

        output.Write(",\"token_ids\":"u8);
        TokenIds.Write(output, asked.ReturnTokenIds, chunk.Tokens);
        output.Write("}]"u8);
        WriteEnd(output, chunk.Usage);
    }

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage)
    {
        output.Write(_head);
        output.Write("]"u8);
        WriteEnd(output, usage);
    }

    private static void WriteEnd(IBufferWriter<byte> output, TokenUsage? usage)
    {
        if (usage is { } told)
        {
            output.Write(",\"usage\":"u8);
            told.Write(output);
        }

        output.Write("}"u8);
        output.Write(ServerSentEvents.Suffix);
    }
}
