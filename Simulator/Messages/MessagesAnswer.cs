using System.Buffers;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Structured;
using LlmdAspire.Simulator.Tools;

namespace LlmdAspire.Simulator.Messages;

/// <summary>An answer in the shape of Anthropic's Messages API: blocks of text or of a tool's use.</summary>
internal sealed class MessagesAnswer(AnswerContext answer) : IAnswerFormat
{
    private readonly NamedEventWriter _events = new();
    private readonly ToolCallCursor? _calls = answer.Plans[0] is { Calls.Count: > 0 } plan ? new ToolCallCursor(plan) : null;
    private int _block = -1;
    private bool _isOpen;
    private string _stopReason = "end_turn";

    private PlannedText? Plan => answer.Plans[0];

    private Utf8JsonWriter Json => _events.Json;

    public void Dispose() => _events.Dispose();

    public void WriteWhole(Utf8JsonWriter json, Generation generation, TokenUsage usage, Action writeTransfer)
    {
        var sequence = generation.Sequences[0];
        var text = WholeText.Of(answer.Engine, sequence, echoPrompt: false);
        var finish = sequence.Read().Finish;
        var calls = Plan is null ? 0 : ToolCallCursor.CountComplete(Plan, text.Length);
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("content");
        if (calls == 0 && text.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        for (var i = 0; i < calls; i++)
        {
            var call = Plan!.Calls[i];
            json.WriteStartObject();
            json.WriteString("type", "tool_use");
            json.WriteString("id", call.Id);
            json.WriteString("name", call.Name);
            json.WritePropertyName("input");
            json.WriteRawValue(text.AsSpan(call.Arguments));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", answer.Head.Model);
        json.WriteString("stop_reason", StopReason(finish, calls));
        WriteUsage(json, usage.Prompt, usage.Completion);
        writeTransfer();
        json.WriteEndObject();
    }

    public void WriteOpening(IBufferWriter<byte> output, int choice, TokenUsage usage, bool tellsUsage)
    {
        Begin(output, "message_start");
        Json.WriteStartObject("message");
        WriteHead(Json);
        Json.WriteStartArray("content");
        Json.WriteEndArray();
        Json.WriteString("model", answer.Head.Model);
        Json.WriteNull("stop_reason");
        Json.WriteNull("stop_sequence");
        WriteUsage(Json, usage.Prompt, 0);
        Json.WriteEndObject();
        _events.End(output);
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
            _stopReason = StopReason(chunk.Finish, _block >= 0 && _calls is not null ? 1 : 0);
        }
    }

    public void WriteEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage)
    {
        CloseBlock(output);
        Begin(output, "message_delta");
        Json.WriteStartObject("delta");
        Json.WriteString("stop_reason", _stopReason);
        Json.WriteEndObject();
        WriteUsage(Json, usage.Prompt, usage.Completion);
        _events.End(output);
        Begin(output, "message_stop");
        _events.End(output);
        output.Write(ServerSentEvents.Done);
    }

    private void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (!_isOpen)
        {
            OpenBlock(output, call: null);
        }

        BeginDelta(output, "text_delta");
        Json.WriteString("text", text);
        EndDelta(output);
    }

    private void WriteCall(IBufferWriter<byte> output, in ToolCallDelta delta)
    {
        if (delta.Begins)
        {
            CloseBlock(output);
            OpenBlock(output, delta.Call);
        }

        BeginDelta(output, "input_json_delta");
        Json.WriteString("partial_json", delta.Arguments);
        EndDelta(output);
    }

    private void OpenBlock(IBufferWriter<byte> output, PlannedCall? call)
    {
        (_isOpen, _block) = (true, _block + 1);
        Begin(output, "content_block_start");
        Json.WriteStartObject("content_block");
        if (call is null)
        {
            Json.WriteString("type", "text");
            Json.WriteString("text", "");
        }
        else
        {
            Json.WriteString("type", "tool_use");
            Json.WriteString("id", call.Id);
            Json.WriteString("name", call.Name);
            Json.WriteStartObject("input");
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
        Json.WriteNumber("index", _block);
        _events.End(output);
    }

    private void CloseBlock(IBufferWriter<byte> output)
    {
        if (_isOpen)
        {
            _isOpen = false;
            Begin(output, "content_block_stop");
            Json.WriteNumber("index", _block);
            _events.End(output);
        }
    }

    private void BeginDelta(IBufferWriter<byte> output, string kind)
    {
        Begin(output, "content_block_delta");
        Json.WriteStartObject("delta");
        Json.WriteString("type", kind);
    }

    private void EndDelta(IBufferWriter<byte> output)
    {
        Json.WriteEndObject();
        Json.WriteNumber("index", _block);
        _events.End(output);
    }

    private void Begin(IBufferWriter<byte> output, string name)
    {
        _events.Begin(output, name);
        Json.WriteString("type", name);
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id", answer.Head.Id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
    }

    private static void WriteUsage(Utf8JsonWriter json, int input, int output)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", input);
        json.WriteNumber("output_tokens", output);
        json.WriteEndObject();
    }

    private string StopReason(FinishReason finish, int calls) => finish switch
    {
        FinishReason.Length or FinishReason.CacheThreshold => "max_tokens",
        _ => calls > 0 && Plan!.EndsWithCalls ? "tool_use" : "end_turn",
    };
}
