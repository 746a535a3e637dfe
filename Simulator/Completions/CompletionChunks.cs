using System.Buffers;
using System.Text;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;

namespace LlmdAspire.Simulator.Completions;

/// <summary>The events of a streamed completion.</summary>
internal sealed class CompletionChunks(AnswerHead head, GenerationFields asked) : IChunkFormat
{
    private readonly byte[] _head = ChunkHead.Of(head, "text_completion");

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage? usage)
    {
        // A completion begins with its first token.
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        output.Write(_head);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, chunk.Choice);
        output.Write(",\"text\":\""u8);
        JsonText.WriteEscaped(output, chunk.Text);
        if (chunk.Finish == FinishReason.None && !asked.ReturnTokenIds)
        {
            output.Write("\",\"logprobs\":null,\"finish_reason\":null,\"stop_reason\":null,\"prompt_token_ids\":null,\"token_ids\":null}]"u8);
        }
        else
        {
            WriteEnd(output, chunk);
        }

        if (chunk.Usage is { } usage)
        {
            output.Write(",\"usage\":"u8);
            usage.Write(output);
        }

        output.Write("}"u8);
        output.Write(ServerSentEvents.Suffix);
    }

    public void WriteUsage(IBufferWriter<byte> output, TokenUsage usage)
    {
        output.Write(_head);
        output.Write("],\"usage\":"u8);
        usage.Write(output);
        output.Write("}"u8);
        output.Write(ServerSentEvents.Suffix);
    }

    private void WriteEnd(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        output.Write("\",\"logprobs\":null,\"finish_reason\":"u8);
        if (chunk.Finish == FinishReason.None)
        {
            output.Write("null,\"stop_reason\":null"u8);
        }
        else
        {
            output.Write("\""u8);
            output.Write(Encoding.ASCII.GetBytes(FinishText.Of(chunk.Finish)));
            output.Write("\",\"stop_reason\":"u8);
            FinishText.WriteStopReason(output, chunk.Sequence);
        }

        var withPrompt = asked.ReturnTokenIds && chunk.IsFirst;
        output.Write(",\"prompt_token_ids\":"u8);
        TokenIds.Write(output, withPrompt, withPrompt ? [.. chunk.Sequence.Prompt] : []);
        output.Write(",\"token_ids\":"u8);
        TokenIds.Write(output, asked.ReturnTokenIds, chunk.Tokens);
        output.Write("}]"u8);
    }
}
