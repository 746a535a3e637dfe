using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Messages;

/// <summary>Turns a request of Anthropic's Messages API into the chat request that vLLM makes of it.</summary>
internal static class MessagesBody
{
    /// <summary>The chat's body, or the error to answer.</summary>
    public static JsonObject? ToChat(JsonFields fields, bool needsMaxTokens, out OpenAiError? error)
    {
        var model = fields.Text("model");
        error = fields.Mistake
            ?? (fields.Element("model") is null ? JsonFields.Invalid("model", "missing", "Field required") : null)
            ?? (model is "" ? JsonFields.Invalid("model", "value_error", "Value error, Model is required") : null)
            ?? (needsMaxTokens && fields.Element("max_tokens") is null ? JsonFields.Invalid("max_tokens", "missing", "Field required") : null)
            ?? (fields.Whole("max_tokens") <= 0 ? JsonFields.Invalid("max_tokens", "value_error", "Value error, max_tokens must be positive") : null)
            ?? fields.Mistake;
        if (error is not null)
        {
            return null;
        }

        var messages = new JsonArray();
        if (fields.Element("system") is { } system && !AddSystem(system, messages))
        {
            error = JsonFields.Invalid("system", "string_type", "Input should be a valid string");
            return null;
        }

        if (fields.Element("messages") is not { ValueKind: JsonValueKind.Array } list)
        {
            error = fields.Element("messages") is null ? JsonFields.Invalid("messages", "missing", "Field required") : JsonFields.Invalid("messages", "list_type", "Input should be a valid list");
            return null;
        }

        foreach (var message in list.EnumerateArray())
        {
            if (!AddMessage(message, messages))
            {
                error = JsonFields.Invalid($"messages.{messages.Count}", "model_type", "Input should be a valid message with a role and a content");
                return null;
            }
        }

        var chat = new JsonObject { ["model"] = model, ["messages"] = messages, ["max_completion_tokens"] = fields.Whole("max_tokens") };
        Copy(fields, chat, ("stop_sequences", "stop"), ("stream", "stream"), ("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k"), ("kv_transfer_params", "kv_transfer_params"));
        if (chat["stream"]?.GetValueKind() == JsonValueKind.True)
        {
            chat["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        AddTools(fields, chat, out error);
        return error is null ? chat : null;
    }

    private static bool AddSystem(JsonElement system, JsonArray messages)
    {
        var text = JsonFields.TryText(system, out var whole) ? whole : system.ValueKind == JsonValueKind.Array ? string.Concat(system.EnumerateArray().Select(TextOf)) : null;
        if (text is null)
        {
            return false;
        }

        messages.Add(new JsonObject { ["role"] = "system", ["content"] = text });
        return true;
    }

    private static bool AddMessage(JsonElement message, JsonArray messages)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out var role) || !JsonFields.TryText(role, out var speaker)
            || !message.TryGetProperty("content", out var content))
        {
            return false;
        }

        if (JsonFields.TryText(content, out var text))
        {
            messages.Add(new JsonObject { ["role"] = speaker, ["content"] = text });
            return true;
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        AddBlocks(speaker, content, messages);
        return true;
    }

    private static void AddBlocks(string speaker, JsonElement blocks, JsonArray messages)
    {
        var parts = new JsonArray();
        var calls = new JsonArray();
        foreach (var block in blocks.EnumerateArray().Where(block => block.ValueKind == JsonValueKind.Object))
        {
            switch (Member(block, "type"))
            {
                case "text":
                    parts.Add(new JsonObject { ["type"] = "text", ["text"] = Member(block, "text") });
                    break;
                case "image":
                    parts.Add(new JsonObject { ["type"] = "image_url" });
                    break;
                case "tool_use":
                    calls.Add(new JsonObject
                    {
                        ["id"] = Member(block, "id"),
                        ["type"] = "function",
                        ["function"] = new JsonObject { ["name"] = Member(block, "name"), ["arguments"] = block.TryGetProperty("input", out var input) ? input.GetRawText() : "{}" },
                    });
                    break;
                case "tool_result" when speaker == "user":
                    messages.Add(new JsonObject { ["role"] = "tool", ["content"] = ResultOf(block) });
                    break;
                case "tool_result":
                    parts.Add(new JsonObject { ["type"] = "text", ["text"] = $"Tool result: {ResultOf(block)}" });
                    break;
                default:
                    break;
            }
        }

        if (parts.Count == 0 && calls.Count == 0)
        {
            return;
        }

        var message = new JsonObject { ["role"] = speaker };
        if (parts.Count > 0)
        {
            message["content"] = parts;
        }

        if (calls.Count > 0)
        {
            message["tool_calls"] = calls;
        }

        messages.Add(message);
    }

    private static void AddTools(JsonFields fields, JsonObject chat, out OpenAiError? error)
    {
        error = null;
        if (fields.Element("tools") is { } tools)
        {
            if (tools.ValueKind != JsonValueKind.Array)
            {
                error = JsonFields.Invalid("tools", "list_type", "Input should be a valid list");
                return;
            }

            chat["tools"] = new JsonArray([.. tools.EnumerateArray().Select(tool => tool.ValueKind != JsonValueKind.Object ? (JsonNode)new JsonObject() : new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = Member(tool, "name"),
                    ["description"] = Member(tool, "description"),
                    ["parameters"] = tool.TryGetProperty("input_schema", out var schema) ? JsonNode.Parse(schema.GetRawText()) : null,
                },
            })]);
        }

        if (fields.Object("tool_choice") is { } choice)
        {
            chat["tool_choice"] = choice.Text("type") switch
            {
                "any" => "required",
                "tool" => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = choice.Text("name") } },
                var other => other,
            };
        }
    }

    private static string? Member(JsonElement block, string name) =>
        block.TryGetProperty(name, out var value) && JsonFields.TryText(value, out var text) ? text : null;

    private static string TextOf(JsonElement block) => block.ValueKind == JsonValueKind.Object ? Member(block, "text") ?? "" : "";

    private static string ResultOf(JsonElement block) =>
        Member(block, "content") ?? (block.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            ? string.Join('\n', content.EnumerateArray().Select(TextOf)) : "");

    private static void Copy(JsonFields fields, JsonObject chat, params ReadOnlySpan<(string From, string To)> names)
    {
        foreach (var (from, to) in names)
        {
            if (fields.Element(from) is { } value)
            {
                chat[to] = JsonNode.Parse(value.GetRawText());
            }
        }
    }
}
