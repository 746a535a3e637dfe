using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Responses;

/// <summary>The object that a response is, with every key, as vLLM writes it.</summary>
internal sealed class ResponseJson(AnswerContext answer, JsonFields asked)
{
    /// <param name="status"><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</param>
    /// <param name="writeOutput">Writes the elements of <c>output</c>.</param>
    /// <param name="usage">Null before the end.</param>
    /// <param name="writeTransfer">Writes <c>kv_transfer_params</c>.</param>
    public void Write(Utf8JsonWriter json, string status, Action writeOutput, TokenUsage? usage, Action writeTransfer)
    {
        json.WriteStartObject();
        json.WriteString("id", answer.Head.Id);
        json.WriteNumber("created_at", answer.Head.Created);
        WriteIncomplete(json, status);
        Copy(json, "instructions");
        Copy(json, "metadata");
        json.WriteString("model", answer.Head.Model);
        json.WriteString("object", "response");
        json.WriteStartArray("output");
        writeOutput();
        json.WriteEndArray();
        Copy(json, "parallel_tool_calls", () => json.WriteBooleanValue(true));
        Copy(json, "temperature", () => json.WriteNumberValue(1.0));
        Copy(json, "tool_choice", () => json.WriteStringValue("auto"));
        Copy(json, "tools", () =>
        {
            json.WriteStartArray();
            json.WriteEndArray();
        });
        Copy(json, "top_p", () => json.WriteNumberValue(1.0));
        json.WriteBoolean("background", false);
        json.WriteNumber("max_output_tokens", answer.Asked.MaxTokens ?? answer.Engine.Options.MaxModelLength - answer.Task.Prompts[0].Count);
        Copy(json, "max_tool_calls");
        json.WriteNull("previous_response_id");
        json.WriteNull("prompt");
        Copy(json, "reasoning");
        Copy(json, "service_tier", () => json.WriteStringValue("auto"));
        json.WriteString("status", status);
        Copy(json, "text");
        Copy(json, "top_logprobs");
        Copy(json, "truncation", () => json.WriteStringValue("disabled"));
        WriteUsage(json, usage);
        Copy(json, "user");
        json.WriteNull("input_messages");
        json.WriteNull("output_messages");
        writeTransfer();
        json.WriteEndObject();
    }

    /// <summary>How a response that ended for <paramref name="finish"/> stands.</summary>
    public static string StatusOf(FinishReason finish) => finish == FinishReason.Stop ? "completed" : "incomplete";

    private static void WriteIncomplete(Utf8JsonWriter json, string status)
    {
        if (status != "incomplete")
        {
            json.WriteNull("incomplete_details");
            return;
        }

        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "max_output_tokens");
        json.WriteEndObject();
    }

    private static void WriteUsage(Utf8JsonWriter json, TokenUsage? usage)
    {
        if (usage is not { } told)
        {
            json.WriteNull("usage");
            return;
        }

        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", told.Prompt);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", told.Cached ?? 0);
        WriteEmpty(json, "input_tokens_per_turn", "cached_tokens_per_turn");
        json.WriteEndObject();
        json.WriteNumber("output_tokens", told.Completion);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", 0);
        json.WriteNumber("tool_output_tokens", 0);
        WriteEmpty(json, "output_tokens_per_turn", "tool_output_tokens_per_turn");
        json.WriteEndObject();
        json.WriteNumber("total_tokens", told.Prompt + told.Completion);
        json.WriteEndObject();
    }

    private static void WriteEmpty(Utf8JsonWriter json, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            json.WriteStartArray(name);
            json.WriteEndArray();
        }
    }

    /// <summary>Gives back what the request said, else a default.</summary>
    private void Copy(Utf8JsonWriter json, string name, Action? otherwise = null)
    {
        json.WritePropertyName(name);
        if (asked.Element(name) is { } value)
        {
            value.WriteTo(json);
        }
        else if (otherwise is not null)
        {
            otherwise();
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
