using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Structured;
using LlmdAspire.Simulator.Tools;

namespace LlmdAspire.Simulator.Responses;

/// <summary>A response, as one object or as named events: created, in progress, then each item's beginning, deltas and end, then completed.</summary>
internal sealed class ResponsesAnswer : IAnswerFormat
{
    private readonly AnswerContext _answer;
    private readonly ResponseJson _response;
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonReply.Plain);
    private readonly ToolCallCursor? _calls;

    // What the item that is being written has so far, and the calls that are over, for the last event.
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<(PlannedCall Call, byte[] Arguments)> _done = [];
    private int _sequence;
    private int _item = -1;
    private PlannedCall? _call;
    private string _status = "completed";

    public ResponsesAnswer(AnswerContext answer, JsonFields asked)
    {
        _answer = answer;
        _response = new ResponseJson(answer, asked);
        _calls = answer.Plans[0] is { Calls.Count: > 0 } plan ? new ToolCallCursor(plan) : null;
    }

    private PlannedText? Plan => _answer.Plans[0];

    public void Dispose() => _json.Dispose();

    public void WriteWhole(Utf8JsonWriter json, Generation generation, TokenUsage usage, Action writeTransfer)
    {
        var sequence = generation.Sequences[0];
        var text = WholeText.Of(_answer.Engine, sequence, echoPrompt: false);
        _response.Write(json, ResponseJson.StatusOf(sequence.Read().Finish), () => WriteItems(json, text), usage, writeTransfer);
    }

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage)
    {
        foreach (var name in (ReadOnlySpan<string>)["response.created", "response.in_progress"])
        {
            Begin(output, name);
            _json.WritePropertyName("response");
            _response.Write(_json, "in_progress", () => { }, usage: null, WriteNoTransfer);
            End(output, name);
        }
    }

    public void WriteChunk(IBufferWriter<byte> output, in ChunkEvent chunk)
    {
        var piece = chunk.Text;
        if (_calls is null)
        {
            if (piece.Length > 0)
            {
                WriteText(output, piece);
            }
        }
        else
        {
            while (_calls.TryTake(ref piece, out var delta))
            {
                WriteCall(output, delta);
            }
        }

        if (chunk.Finish != FinishReason.None)
        {
            _status = ResponseJson.StatusOf(chunk.Finish);
            CloseItem(output);
        }
    }

    public void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage)
    {
        const string Name = "response.completed";
        Begin(output, Name);
        _json.WritePropertyName("response");
        _response.Write(_json, _status, () => WriteItems(_json, _text.WrittenSpan.ToArray()), usage, WriteNoTransfer);
        End(output, Name);
    }

    private void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (_item < 0)
        {
            OpenText(output);
        }

        _text.Write(text);
        const string Name = "response.output_text.delta";
        Begin(output, Name);
        _json.WriteNumber("content_index", 0);
        _json.WriteString("delta", text);
        _json.WriteString("item_id", ItemId("msg"));
        WriteNoLogprobs();
        _json.WriteNumber("output_index", _item);
        End(output, Name);
    }

    private void OpenText(IBufferWriter<byte> output)
    {
        _item = 0;
        Begin(output, "response.output_item.added");
        _json.WritePropertyName("item");
        WriteMessage(_json, text: null, "in_progress");
        _json.WriteNumber("output_index", _item);
        End(output, "response.output_item.added");
        Begin(output, "response.content_part.added");
        _json.WriteNumber("content_index", 0);
        _json.WriteString("item_id", ItemId("msg"));
        _json.WriteNumber("output_index", _item);
        _json.WritePropertyName("part");
        WritePart(_json, []);
        End(output, "response.content_part.added");
    }

    private void WriteCall(IBufferWriter<byte> output, in ToolCallDelta delta)
    {
        if (delta.Begins)
        {
            CloseItem(output);
            (_call, _item) = (delta.Call, delta.Index);
            _text.ResetWrittenCount();
            Begin(output, "response.output_item.added");
            _json.WritePropertyName("item");
            WriteFunctionCall(_json, delta.Call, [], "in_progress");
            _json.WriteNumber("output_index", _item);
            End(output, "response.output_item.added");
        }

        _text.Write(delta.Arguments);
        const string Name = "response.function_call_arguments.delta";
        Begin(output, Name);
        _json.WriteString("delta", delta.Arguments);
        _json.WriteString("item_id", CallItemId(delta.Call));
        _json.WriteNumber("output_index", _item);
        End(output, Name);
    }

    private void CloseItem(IBufferWriter<byte> output)
    {
        if (_call is { } call)
        {
            CloseCall(output, call);
            _call = null;
        }
        else if (_calls is null && _item >= 0)
        {
            CloseText(output);
        }
    }

    private void CloseCall(IBufferWriter<byte> output, PlannedCall call)
    {
        const string Done = "response.function_call_arguments.done";
        Begin(output, Done);
        _json.WriteString("arguments", _text.WrittenSpan);
        _json.WriteString("item_id", CallItemId(call));
        _json.WriteString("name", call.Name);
        _json.WriteNumber("output_index", _item);
        End(output, Done);
        Begin(output, "response.output_item.done");
        _json.WritePropertyName("item");
        WriteFunctionCall(_json, call, _text.WrittenSpan, "completed");
        _json.WriteNumber("output_index", _item);
        End(output, "response.output_item.done");
        _done.Add((call, _text.WrittenSpan.ToArray()));
    }

    private void CloseText(IBufferWriter<byte> output)
    {
        Begin(output, "response.output_text.done");
        _json.WriteNumber("content_index", 0);
        _json.WriteString("item_id", ItemId("msg"));
        WriteNoLogprobs();
        _json.WriteNumber("output_index", _item);
        WriteSequence();
        _json.WriteString("text", _text.WrittenSpan);
        EndWithType(output, "response.output_text.done");
        Begin(output, "response.content_part.done");
        _json.WriteNumber("content_index", 0);
        _json.WriteString("item_id", ItemId("msg"));
        _json.WriteNumber("output_index", _item);
        _json.WritePropertyName("part");
        WritePart(_json, _text.WrittenSpan);
        End(output, "response.content_part.done");
        Begin(output, "response.output_item.done");
        _json.WritePropertyName("item");
        WriteMessage(_json, _text.WrittenSpan.ToArray(), "completed");
        _json.WriteNumber("output_index", _item);
        End(output, "response.output_item.done");
    }

    private void WriteItems(Utf8JsonWriter json, byte[] text)
    {
        if (Plan is not { Calls.Count: > 0 } plan)
        {
            if (text.Length > 0)
            {
                WriteMessage(json, text, "completed");
            }

            return;
        }

        foreach (var (call, arguments) in _done.Count > 0 ? _done : Complete(plan, text))
        {
            WriteFunctionCall(json, call, arguments, "completed");
        }
    }

    private static IEnumerable<(PlannedCall Call, byte[] Arguments)> Complete(PlannedText plan, byte[] text) =>
        plan.Calls.Take(ToolCallCursor.CountComplete(plan, text.Length)).Select(call => (call, text[call.Arguments]));

    private void WriteMessage(Utf8JsonWriter json, byte[]? text, string status)
    {
        json.WriteStartObject();
        json.WriteString("id", ItemId("msg"));
        json.WriteStartArray("content");
        if (text is not null)
        {
            WritePart(json, text);
        }

        json.WriteEndArray();
        json.WriteString("role", "assistant");
        json.WriteString("status", status);
        json.WriteString("type", "message");
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        json.WriteStartObject();
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        json.WriteString("text", text);
        json.WriteString("type", "output_text");
        json.WriteStartArray("logprobs");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFunctionCall(Utf8JsonWriter json, PlannedCall call, ReadOnlySpan<byte> arguments, string status)
    {
        json.WriteStartObject();
        json.WriteString("arguments", arguments);
        json.WriteString("call_id", $"call_{call.Id[(call.Id.LastIndexOf('-') + 1)..]}");
        json.WriteString("name", call.Name);
        json.WriteString("type", "function_call");
        json.WriteString("id", CallItemId(call));
        json.WriteString("status", status);
        json.WriteEndObject();
    }

    private void WriteNoLogprobs()
    {
        _json.WriteStartArray("logprobs");
        _json.WriteEndArray();
    }

    // Streams tell none, as in vLLM.
    private void WriteNoTransfer()
    {
    }

    private string ItemId(string kind) => $"{kind}_{_answer.Head.Id[(_answer.Head.Id.IndexOf('_', StringComparison.Ordinal) + 1)..]}";

    private static string CallItemId(PlannedCall call) => $"fc_{call.Id[(call.Id.LastIndexOf('-') + 1)..]}";

    private void Begin(IBufferWriter<byte> output, string name)
    {
        output.Write(Encoding.ASCII.GetBytes($"event: {name}\n"));
        output.Write(ServerSentEvents.Prefix);
        _json.Reset(output);
        _json.WriteStartObject();
    }

    private void End(IBufferWriter<byte> output, string name)
    {
        WriteSequence();
        EndWithType(output, name);
    }

    private void WriteSequence() => _json.WriteNumber("sequence_number", _sequence++);

    private void EndWithType(IBufferWriter<byte> output, string name)
    {
        _json.WriteString("type", name);
        _json.WriteEndObject();
        _json.Flush();
        output.Write(ServerSentEvents.Suffix);
    }
}
