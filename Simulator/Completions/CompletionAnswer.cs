using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Completions;

/// <summary>A completion, as a whole with every key or as a stream, as vLLM writes it.</summary>
internal sealed class CompletionAnswer(AnswerContext answer) : IAnswerFormat
{
    private readonly ChoicesEnvelope _envelope = new(answer.Head, "text_completion", "text_completion");
    private readonly LogprobJson _logprobs = new(answer.Engine.Tokenizer, answer.Asked.Logprobs);
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonReply.Plain);

    // Characters of each choice whose tokens have been told.
    private readonly int[] _offsets = new int[answer.Plans.Count];

    private GenerationFields Asked => answer.Asked;

    public void Dispose() => _json.Dispose();

    public void WriteWhole(Utf8JsonWriter json, Generation generation, TokenUsage usage, Action writeTransfer)
    {
        _envelope.WriteStart(json);
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            WriteChoice(json, i, generation.Sequences[i]);
        }

        ChoicesEnvelope.WriteAfterChoices(json, usage);
        writeTransfer();
        json.WriteEndObject();
    }

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage)
    {
        // A completion begins with its first token.
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        _envelope.WriteEventStart(output);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, chunk.Choice);
        output.Write(",\"text\":\""u8);
        JsonText.WriteEscaped(output, chunk.Text);
        output.Write("\",\"logprobs\":"u8);
        WriteLogprobs(output, chunk);
        if (chunk.Finish == FinishReason.None && !Asked.ReturnTokenIds)
        {
            output.Write(",\"finish_reason\":null,\"stop_reason\":null,\"prompt_token_ids\":null,\"token_ids\":null}]"u8);
        }
        else
        {
            WriteChoiceEnd(output, chunk);
        }

        ChoicesEnvelope.WriteEventEnd(output, chunk.Usage);
    }

    public void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage) => _envelope.WriteStreamEnd(output, usage, tellsUsage);

    private void WriteChoice(Utf8JsonWriter json, int index, Sequence sequence)
    {
        var progress = sequence.Read();
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", WholeText.Of(answer.Engine, sequence, answer.Task.EchoesPrompt));
        json.WritePropertyName("logprobs");
        if (Asked.Logprobs.Top is null)
        {
            json.WriteNullValue();
        }
        else
        {
            int[] prompt = answer.Task.EchoesPrompt ? [.. sequence.Prompt] : [];
            _ = _logprobs.WriteCompletion(json, prompt, progress.Tokens, first: 0, offset: 0);
        }

        json.WriteString("finish_reason", FinishText.Of(progress.Finish));
        FinishText.WriteStopReason(json, sequence);
        TokenIds.Write(json, "token_ids", Asked.ReturnTokenIds ? progress.Tokens.ToArray() : null);
        _logprobs.WritePrompt(json, sequence.Prompt);
        TokenIds.Write(json, "prompt_token_ids", Asked.ReturnTokenIds ? sequence.Prompt : null);
        json.WriteEndObject();
    }

    private void WriteLogprobs(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        if (Asked.Logprobs.Top is null)
        {
            output.Write("null"u8);
            return;
        }

        int[] prompt = answer.Task.EchoesPrompt && chunk.IsFirst ? [.. chunk.Sequence.Prompt] : [];
        _json.Reset(output);
        _offsets[chunk.Choice] = _logprobs.WriteCompletion(_json, prompt, chunk.Tokens, chunk.Position, _offsets[chunk.Choice]);
        _json.Flush();
    }

    private void WriteChoiceEnd(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        output.Write(",\"finish_reason\":"u8);
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

        var withPrompt = Asked.ReturnTokenIds && chunk.IsFirst;
        output.Write(",\"prompt_token_ids\":"u8);
        TokenIds.Write(output, withPrompt, withPrompt ? [.. chunk.Sequence.Prompt] : []);
        output.Write(",\"token_ids\":"u8);
        TokenIds.Write(output, Asked.ReturnTokenIds, chunk.Tokens);
        output.Write("}]"u8);
    }
}
