using System.Buffers;
using System.Text.Json;
using LlmdAspire.EngineModel;
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
    private readonly NamedEventWriter _events = new();
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

    private Utf8JsonWriter Json => _events.Json;

    public void Dispose() => _events.Dispose();

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
            _events.Begin(output, name);
            Json.WritePropertyName("response");
            _response.Write(Json, "in_progress", () => { }, usage: null, WriteNoTransfer);
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
        _events.Begin(output, Name);
        Json.WritePropertyName("response");
        _response.Write(Json, _status, () => WriteItems(Json, _text.WrittenSpan.ToArray()), usage, WriteNoTransfer);
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
        _events.Begin(output, Name);
        Json.WriteNumber("content_index", 0);
        Json.WriteString("delta", text);
        Json.WriteString("item_id", ItemId("msg"));
        WriteNoLogprobs();
        Json.WriteNumber("output_index", _item);
        End(output, Name);
    }

    private void OpenText(IBufferWriter<byte> output)
    {
        _item = 0;
        _events.Begin(output, "response.output_item.added");
        Json.WritePropertyName("item");
        WriteMessage(Json, text: null, "in_progress");
        Json.WriteNumber("output_index", _item);
        End(output, "response.output_item.added");
        _events.Begin(output, "response.content_part.added");
        Json.WriteNumber("content_index", 0);
        Json.WriteString("item_id", ItemId("msg"));
        Json.WriteNumber("output_index", _item);
        Json.WritePropertyName("part");
        WritePart(Json, []);
        End(output, "response.content_part.added");
    }

    private void WriteCall(IBufferWriter<byte> output, in ToolCallDelta delta)
    {
        if (delta.Begins)
        {
            CloseItem(output);
            (_call, _item) = (delta.Call, delta.Index);
            _text.ResetWrittenCount();
            _events.Begin(output, "response.output_item.added");
            Json.WritePropertyName("item");
            WriteFunctionCall(Json, delta.Call, [], "in_progress");
            Json.WriteNumber("output_index", _item);
            End(output, "response.output_item.added");
        }

        _text.Write(delta.Arguments);
        const string Name = "response.function_call_arguments.delta";
        _events.Begin(output, Name);
        Json.WriteString("delta", delta.Arguments);
        Json.WriteString("item_id", CallItemId(delta.Call));
        Json.WriteNumber("output_index", _item);
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
        _events.Begin(output, Done);
        Json.WriteString("arguments", _text.WrittenSpan);
        Json.WriteString("item_id", CallItemId(call));
        Json.WriteString("name", call.Name);
        Json.WriteNumber("output_index", _item);
        End(output, Done);
        _events.Begin(output, "response.output_item.done");
        Json.WritePropertyName("item");
        WriteFunctionCall(Json, call, _text.WrittenSpan, "completed");
        Json.WriteNumber("output_index", _item);
        End(output, "response.output_item.done");
        _done.Add((call, _text.WrittenSpan.ToArray()));
    }

    private void CloseText(IBufferWriter<byte> output)
    {
        _events.Begin(output, "response.output_text.done");
        Json.WriteNumber("content_index", 0);
        Json.WriteString("item_id", ItemId("msg"));
        WriteNoLogprobs();
        Json.WriteNumber("output_index", _item);
        WriteSequence();
        Json.WriteString("text", _text.WrittenSpan);
        EndWithType(output, "response.output_text.done");
        _events.Begin(output, "response.content_part.done");
        Json.WriteNumber("content_index", 0);
        Json.WriteString("item_id", ItemId("msg"));
        Json.WriteNumber("output_index", _item);
        Json.WritePropertyName("part");
        WritePart(Json, _text.WrittenSpan);
        End(output, "response.content_part.done");
        _events.Begin(output, "response.output_item.done");
        Json.WritePropertyName("item");
        WriteMessage(Json, _text.WrittenSpan.ToArray(), "completed");
        Json.WriteNumber("output_index", _item);
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
        Json.WriteStartArray("logprobs");
        Json.WriteEndArray();
    }

    // Streams tell none, as in vLLM.
    private void WriteNoTransfer()
    {
    }

    private string ItemId(string kind) => $"{kind}_{_answer.Head.Id[(_answer.Head.Id.IndexOf('_', StringComparison.Ordinal) + 1)..]}";

    private static string CallItemId(PlannedCall call) => $"fc_{call.Id[(call.Id.LastIndexOf('-') + 1)..]}";

    private void End(IBufferWriter<byte> output, string name)
    {
        WriteSequence();
        EndWithType(output, name);
    }

    private void WriteSequence() => Json.WriteNumber("sequence_number", _sequence++);

    private void EndWithType(IBufferWriter<byte> output, string name)
    {
        Json.WriteString("type", name);
        _events.End(output);
    }
}
