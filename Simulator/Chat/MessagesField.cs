using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Chat;

/// <summary>Reads <c>messages</c>: each with a role and a content that is a text, null, or a list of parts.</summary>
internal static class MessagesField
{
    private const string Field = "messages";

    /// <summary>The messages, or null and the error to answer.</summary>
    /// <param name="model">Named by the error for pictures and sound, which a text model does not read.</param>
    public static List<ChatMessage>? Read(JsonFields fields, string model, out OpenAiError? error)
    {
        error = null;
        if (fields.Element(Field) is not { } list)
        {
            error = JsonFields.Invalid(Field, "missing", "Field required");
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            error = JsonFields.Invalid(Field, "list_type", "Input should be a valid list");
            return null;
        }

        var messages = new List<ChatMessage>();
        foreach (var item in list.EnumerateArray())
        {
            if (ReadOne(item, $"{Field}.{messages.Count}", model, out error) is not { } message)
            {
                return null;
            }

            messages.Add(message);
        }

        if (messages.Count == 0)
        {
            error = OpenAiError.BadRequest("The messages must hold at least one message.", Field);
            return null;
        }

        return messages;
    }

    private static ChatMessage? ReadOne(JsonElement item, string where, string model, out OpenAiError? error)
    {
        error = null;
        if (item.ValueKind != JsonValueKind.Object)
        {
            error = JsonFields.Invalid(where, "model_type", "Input should be a valid dictionary");
            return null;
        }

        if (!item.TryGetProperty("role", out var role) || !JsonFields.TryText(role, out var speaker))
        {
            error = JsonFields.Invalid($"{where}.role", "missing", "Field required");
            return null;
        }

        var content = "";
        if (item.TryGetProperty("content", out var value) && !TryContent(value, out content))
        {
            if (HoldsMedia(value))
            {
                error = OpenAiError.BadRequest($"{model} is not a multimodal model");
                return null;
            }

            error = JsonFields.Invalid($"{where}.content", "string_type", "Input should be a valid string or list of content parts");
            return null;
        }

        // An assistant's earlier calls are part of what the model reads.
        if (item.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            content += calls.GetRawText();
        }

        return new ChatMessage(speaker, content);
    }

    private static bool TryContent(JsonElement value, out string content)
    {
        content = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return true;
            case JsonValueKind.String:
                return JsonFields.TryText(value, out content);
            case JsonValueKind.Array:
                return TryParts(value, out content);
            default:
                return false;
        }
    }

    // Text parts are joined by line breaks, as vLLM does for templates that take plain strings.
    private static bool TryParts(JsonElement parts, out string content)
    {
        content = "";
        var joined = new StringBuilder();
        foreach (var part in parts.EnumerateArray())
        {
            if (!TryPart(part, out var text))
            {
                return false;
            }

            _ = (joined.Length > 0 ? joined.Append('\n') : joined).Append(text);
        }

        content = joined.ToString();
        return true;
    }

    private static bool HoldsMedia(JsonElement content) =>
        content.ValueKind == JsonValueKind.Array && content.EnumerateArray().Any(part =>
            part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && JsonFields.TryText(type, out var name)
            && (name.Contains("image", StringComparison.Ordinal) || name.Contains("audio", StringComparison.Ordinal) || name.Contains("video", StringComparison.Ordinal)));

    private static bool TryPart(JsonElement part, out string text)
    {
        text = "";
        return part.ValueKind switch
        {
            JsonValueKind.String => JsonFields.TryText(part, out text),
            JsonValueKind.Object => part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                && type.ValueEquals("text"u8) && part.TryGetProperty("text", out var value) && JsonFields.TryText(value, out text),
            _ => false,
        };
    }
}
