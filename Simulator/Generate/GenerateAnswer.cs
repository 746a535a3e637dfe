using System.Buffers;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Generate;

/// <summary>An answer in token ids.</summary>
internal sealed class GenerateAnswer(AnswerContext answer) : IAnswerFormat
{
    private readonly LogprobJson _logprobs = new(answer.Engine.Tokenizer, answer.Asked.Logprobs);
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonReply.Plain);

    public void Dispose() => _json.Dispose();

    public void WriteWhole(Utf8JsonWriter json, Generation generation, TokenUsage usage, Action writeTransfer)
    {
        WriteHead(json);
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            var progress = generation.Sequences[i].Read();
            WriteChoice(json, i, progress.Tokens, 0, progress.Finish);
        }

        json.WriteEndArray();
        usage.Write(json);
        _logprobs.WritePrompt(json, generation.Sequences[0].Prompt);
        writeTransfer();
        json.WriteEndObject();
    }

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage)
    {
        // It begins with its first token.
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        Begin(output);
        WriteChoice(_json, chunk.Choice, chunk.Tokens, chunk.Position, chunk.Finish);
        End(output, chunk.Usage);
    }

    public void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage)
    {
        if (tellsUsage)
        {
            Begin(output);
            End(output, usage);
        }

        output.Write(ServerSentEvents.Done);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        output.Write(ServerSentEvents.Prefix);
        _json.Reset(output);
        WriteHead(_json);
    }

    private void End(IBufferWriter<byte> output, TokenUsage? usage)
    {
        _json.WriteEndArray();
        usage?.Write(_json);
        _json.WriteEndObject();
        _json.Flush();
        output.Write(ServerSentEvents.Suffix);
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("request_id", answer.Head.Id);
        json.WriteString("model", answer.Head.Model);
        json.WriteNumber("created", answer.Head.Created);
        json.WriteStartArray("choices");
    }

    private void WriteChoice(Utf8JsonWriter json, int index, ReadOnlySpan<int> tokens, int position, FinishReason finish)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WritePropertyName("logprobs");
        if (answer.Asked.Logprobs.Top is null)
        {
            json.WriteNullValue();
        }
        else
        {
            _logprobs.WriteChat(json, tokens, position, withBytes: false);
        }

        json.WriteString("finish_reason", finish == FinishReason.None ? null : FinishText.Of(finish));
        TokenIds.Write(json, "token_ids", tokens.ToArray());
        json.WriteEndObject();
    }
}
