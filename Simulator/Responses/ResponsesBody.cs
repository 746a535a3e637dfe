using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Responses;

/// <summary>Turns a request of the Responses API into a chat request over the same conversation.</summary>
internal static class ResponsesBody
{
    private const string Input = "input";

    /// <summary>The chat's body, or the error to answer.</summary>
    public static JsonObject? ToChat(JsonFields fields, out OpenAiError? error)
    {
        var instructions = fields.Text("instructions");
        var previous = fields.Text("previous_response_id");
        var background = fields.Switch("background");
        error = fields.Mistake
            ?? (fields.Element("prompt") is not null ? OpenAiError.BadRequest("prompt template is not supported", "prompt") : null)
            ?? (background ? OpenAiError.BadRequest("background needs a store of responses, which vLLM has only with VLLM_ENABLE_RESPONSES_API_STORE and the simulator has not.", "background") : null)
            ?? (previous is not null ? NotFound(previous) : null);
        if (error is not null)
        {
            return null;
        }

        var messages = new JsonArray();
        if (instructions is not null)
        {
            messages.Add(Message("system", instructions));
        }

        if (AddInput(fields, messages) is { } mistake)
        {
            error = mistake;
            return null;
        }

        var chat = new JsonObject { ["messages"] = messages };
        foreach (var (from, to) in (ReadOnlySpan<(string, string)>)
            [
                ("model", "model"), ("max_output_tokens", "max_completion_tokens"), ("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k"), ("stream", "stream"),
                ("parallel_tool_calls", "parallel_tool_calls"), ("cache_salt", "cache_salt"), ("priority", "priority"), ("request_id", "request_id"),
                ("kv_transfer_params", "kv_transfer_params"), ("cache_hit_threshold", "cache_hit_threshold"), ("seed", "seed"), ("ignore_eos", "ignore_eos"),
            ])
        {
            if (fields.Element(from) is { } value)
            {
                chat[to] = JsonNode.Parse(value.GetRawText());
            }
        }

        AddTools(fields, chat, out error);
        AddFormat(fields, chat);
        error ??= fields.Mistake;
        return error is null ? chat : null;
    }

    /// <summary>vLLM's error for a response that is not stored, as none ever is.</summary>
    public static OpenAiError NotFound(string id) => new(404, "invalid_request_error", $"Response with id '{id}' not found.", "response_id");

    private static OpenAiError? AddInput(JsonFields fields, JsonArray messages)
    {
        if (fields.Element(Input) is not { } input)
        {
            return JsonFields.Invalid(Input, "missing", "Field required");
        }

        if (JsonFields.TryText(input, out var text))
        {
            messages.Add(Message("user", text));
            return null;
        }

        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            return JsonFields.Invalid(Input, "list_type", "Input should be a valid string or list");
        }

        var index = 0;
        foreach (var item in input.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !AddItem(item, messages))
            {
                return JsonFields.Invalid($"{Input}.{index}", "model_type", "Input should be a message, a function call or its output");
            }

            index++;
        }

        return null;
    }

    private static bool AddItem(JsonElement item, JsonArray messages)
    {
        switch (Member(item, "type") ?? "message")
        {
            case "message":
                var content = item.TryGetProperty("content", out var value) ? Content(value) : null;
                if (Member(item, "role") is not { } role || content is null)
                {
                    return false;
                }

                messages.Add(new JsonObject { ["role"] = role == "developer" ? "system" : role, ["content"] = content });
                return true;
            case "function_call":
                messages.Add(new JsonObject
                {
                    ["role"] = "assistant",
                    ["tool_calls"] = new JsonArray(new JsonObject
                    {
                        ["id"] = Member(item, "call_id"),
                        ["type"] = "function",
                        ["function"] = new JsonObject { ["name"] = Member(item, "name"), ["arguments"] = Member(item, "arguments") },
                    }),
                });
                return true;
            case "function_call_output":
                messages.Add(Message("tool", Member(item, "output") ?? ""));
                return true;
            case "reasoning":
                // What the model thought before is not read again.
                return true;
            default:
                return false;
        }
    }

    /// <summary>A text, or parts under the names that chats have for them.</summary>
    private static JsonNode? Content(JsonElement content)
    {
        if (JsonFields.TryText(content, out var text))
        {
            return text;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var parts = new JsonArray();
        foreach (var part in content.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object))
        {
            parts.Add(Member(part, "type") is "input_text" or "output_text" or "text"
                ? new JsonObject { ["type"] = "text", ["text"] = Member(part, "text") } : new JsonObject { ["type"] = Member(part, "type") });
        }

        return parts;
    }

    private static void AddTools(JsonFields fields, JsonObject chat, out OpenAiError? error)
    {
        error = null;
        if (fields.Element("tools") is { } tools && (tools.ValueKind != JsonValueKind.Array || tools.GetArrayLength() > 0))
        {
            if (tools.ValueKind != JsonValueKind.Array)
            {
                error = JsonFields.Invalid("tools", "list_type", "Input should be a valid list");
                return;
            }

            var functions = new JsonArray();
            foreach (var tool in tools.EnumerateArray())
            {
                if (tool.ValueKind != JsonValueKind.Object || Member(tool, "type") != "function")
                {
                    error = OpenAiError.BadRequest("Only tools of type function are supported.", "tools");
                    return;
                }

                functions.Add(new JsonObject
                {
                    ["type"] = "function",
                    ["function"] = new JsonObject
                    {
                        ["name"] = Member(tool, "name"),
                        ["description"] = Member(tool, "description"),
                        ["parameters"] = tool.TryGetProperty("parameters", out var parameters) ? JsonNode.Parse(parameters.GetRawText()) : null,
                    },
                });
            }

            chat["tools"] = functions;
        }

        if (fields.Element("tool_choice") is { } choice && chat.ContainsKey("tools"))
        {
            chat["tool_choice"] = choice.ValueKind == JsonValueKind.Object
                ? new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = Member(choice, "name") } }
                : JsonNode.Parse(choice.GetRawText());
        }
    }

    /// <summary>The schema stands beside the format's name, where chats have it one level deeper.</summary>
    private static void AddFormat(JsonFields fields, JsonObject chat)
    {
        if (fields.Object("text")?.Object("format") is not { } format)
        {
            return;
        }

        chat["response_format"] = format.Text("type") == "json_schema"
            ? new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject
                {
                    ["name"] = format.Text("name"),
                    ["schema"] = format.Element("schema") is { } schema ? JsonNode.Parse(schema.GetRawText()) : null,
                },
            }
            : new JsonObject { ["type"] = format.Text("type") };
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string? Member(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && JsonFields.TryText(value, out var text) ? text : null;
}
