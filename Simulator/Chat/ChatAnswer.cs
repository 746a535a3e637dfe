using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Structured;
using LlmdAspire.Simulator.Tools;

namespace LlmdAspire.Simulator.Chat;

/// <summary>A chat answer, as a whole with every key or as a stream: for each choice its role, then its text or its calls of tools.</summary>
internal sealed class ChatAnswer(AnswerContext answer) : IAnswerFormat
{
    private readonly ChoicesEnvelope _envelope = new(answer.Head, "chat.completion", "chat.completion.chunk");
    private readonly LogprobJson _logprobs = new(answer.Engine.Tokenizer, answer.Asked.Logprobs);
    private readonly ToolCallCursor?[] _calls = [.. answer.Plans.Select(plan => plan?.Calls.Count > 0 ? new ToolCallCursor(plan) : null)];
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonReply.Plain);

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
        _logprobs.WritePrompt(json, generation.Sequences[0].Prompt);
        TokenIds.Write(json, "prompt_token_ids", Asked.ReturnTokenIds ? generation.Sequences[0].Prompt : null);
        writeTransfer();
        json.WriteEndObject();
    }

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage)
    {
        _envelope.WriteEventStart(output);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, choice);
        output.Write(",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"prompt_token_ids\":"u8);
        TokenIds.Write(output, Asked.ReturnTokenIds, CollectionsMarshal.AsSpan(answer.Task.Prompts[0]));
        ChoicesEnvelope.WriteEventEnd(output, tellsUsage ? usage : null);
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        if (_calls[chunk.Choice] is { } calls)
        {
            WriteCalls(output, chunk, calls);
            return;
        }

        WriteEventStart(output, chunk.Choice);
        output.Write("{\"content\":\""u8);
        JsonText.WriteEscaped(output, chunk.Text);
        output.Write("\"}"u8);
        WriteChoiceEnd(output, chunk, FinishText.Of(chunk.Finish));
    }

    public void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage) => _envelope.WriteStreamEnd(output, usage, tellsUsage);

    private void WriteChoice(Utf8JsonWriter json, int index, Sequence sequence)
    {
        var progress = sequence.Read();
        var text = WholeText.Of(answer.Engine, sequence, echoPrompt: false);
        var plan = answer.Plans[index];
        var calls = plan is null ? 0 : CallsIn(plan, text, progress.Finish);
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        WriteContent(json, calls > 0 ? plan!.Content is { } beside ? Encoding.UTF8.GetBytes(beside) : null : text);
        json.WriteNull("refusal");
        json.WriteNull("annotations");
        json.WriteNull("audio");
        json.WriteNull("function_call");
        WriteCalls(json, plan, calls, text);
        json.WriteNull("reasoning");
        json.WriteEndObject();
        json.WritePropertyName("logprobs");
        if (Asked.Logprobs.Top is null)
        {
            json.WriteNullValue();
        }
        else
        {
            _logprobs.WriteChat(json, progress.Tokens, first: 0);
        }

        json.WriteString("finish_reason", calls > 0 && plan!.EndsWithCalls && progress.Finish == FinishReason.Stop ? "tool_calls" : FinishText.Of(progress.Finish));
        FinishText.WriteStopReason(json, sequence);
        TokenIds.Write(json, "token_ids", Asked.ReturnTokenIds ? progress.Tokens.ToArray() : null);
        json.WriteEndObject();
    }

    /// <summary>Calls that can be told: complete ones, and the one that the request named however far it came.</summary>
    private static int CallsIn(PlannedText plan, byte[] text, FinishReason finish) =>
        plan.Calls.Count == 0 || finish == FinishReason.CacheThreshold ? 0
        : plan.EndsWithCalls ? ToolCallCursor.CountComplete(plan, text.Length)
        : plan.Calls.Count;

    private static void WriteContent(Utf8JsonWriter json, byte[]? text)
    {
        if (text is null)
        {
            json.WriteNull("content");
        }
        else
        {
            json.WriteString("content", text);
        }
    }

    private static void WriteCalls(Utf8JsonWriter json, PlannedText? plan, int count, byte[] text)
    {
        json.WriteStartArray("tool_calls");
        for (var i = 0; i < count; i++)
        {
            var call = plan!.Calls[i];
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            var end = Math.Min(call.Arguments.End.Value, text.Length);
            json.WriteString("arguments", text.AsSpan(call.Arguments.Start.Value..end));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>One event for each call that the new text adds to; none where it only stands between calls and nothing ends.</summary>
    private void WriteCalls(IBufferWriter<byte> output, in ChunkEvent chunk, ToolCallCursor calls)
    {
        var ended = chunk.Finish != FinishReason.None;
        var finish = chunk.Finish == FinishReason.Stop && answer.Plans[chunk.Choice]!.EndsWithCalls ? "tool_calls" : FinishText.Of(chunk.Finish);
        var piece = chunk.Text;
        var open = false;
        while (calls.TryTake(ref piece, out var delta))
        {
            if (open)
            {
                WriteChoiceEnd(output, chunk, finish: null);
            }

            open = true;
            WriteEventStart(output, chunk.Choice);
            output.Write("{\"tool_calls\":[{"u8);
            if (delta.Begins)
            {
                output.Write("\"id\":\""u8);
                JsonText.WriteEscaped(output, Encoding.UTF8.GetBytes(delta.Call.Id));
                output.Write("\",\"type\":\"function\","u8);
            }

            output.Write("\"index\":"u8);
            JsonText.WriteNumber(output, delta.Index);
            output.Write(",\"function\":{"u8);
            if (delta.Begins)
            {
                output.Write("\"name\":\""u8);
                JsonText.WriteEscaped(output, Encoding.UTF8.GetBytes(delta.Call.Name));
                output.Write("\","u8);
            }

            output.Write("\"arguments\":\""u8);
            JsonText.WriteEscaped(output, delta.Arguments);
            output.Write("\"}}]}"u8);
        }

        if (!open && ended)
        {
            open = true;
            WriteEventStart(output, chunk.Choice);
            output.Write("{}"u8);
        }

        if (open)
        {
            WriteChoiceEnd(output, chunk, ended ? finish : null);
        }
    }

    private void WriteEventStart(IBufferWriter<byte> output, int choice)
    {
        _envelope.WriteEventStart(output);
        output.Write("{\"index\":"u8);
        JsonText.WriteNumber(output, choice);
        output.Write(",\"delta\":"u8);
    }

    /// <param name="finish">The finish reason where the choice ends with this event.</param>
    private void WriteChoiceEnd(IBufferWriter<byte> output, in ChunkEvent chunk, string? finish)
    {
        output.Write(",\"logprobs\":"u8);
        if (Asked.Logprobs.Top is null)
        {
            output.Write("null"u8);
        }
        else
        {
            _json.Reset(output);
            _logprobs.WriteChat(_json, chunk.Tokens, chunk.Position);
            _json.Flush();
        }

        output.Write(",\"finish_reason\":"u8);
        if (chunk.Finish == FinishReason.None || finish is null)
        {
            output.Write("null"u8);
        }
        else
        {
            output.Write("\""u8);
            output.Write(Encoding.ASCII.GetBytes(finish));
            output.Write("\",\"stop_reason\":"u8);
            FinishText.WriteStopReason(output, chunk.Sequence);
        }

        output.Write(",\"token_ids\":"u8);
        TokenIds.Write(output, Asked.ReturnTokenIds, chunk.Tokens);
        output.Write("}]"u8);
        ChoicesEnvelope.WriteEventEnd(output, chunk.Usage);
    }
}
