using System.Text.Json;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Tools;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c> and decides what is called.</summary>
internal static class ToolChoice
{
    private const string Tools = "tools";
    private const string Choice = "tool_choice";
    private const string Usage = """Correct usage: `{"type": "function", "function": {"name": "my_function"}}`""";

    /// <summary>What is called, by the key of the answer; null where nothing is, or the request is wrong.</summary>
    /// <param name="mayCallFreely">Whether a model may call without being told to: not once it was given a result.</param>
    /// <param name="allowsAuto">Whether the server lets the model decide; vLLM does so with <c>--enable-auto-tool-choice</c>.</param>
    public static Func<ulong, PlannedText?>? Read(JsonFields fields, bool mayCallFreely, bool allowsAuto, out OpenAiError? error)
    {
        var tools = ReadTools(fields, out error);
        if (error is not null)
        {
            return null;
        }

        var parallel = fields.Element("parallel_tool_calls") is null || fields.Switch("parallel_tool_calls");
        var choice = fields.Element(Choice);
        if (choice is { ValueKind: JsonValueKind.Object } named)
        {
            return Named(new JsonFields(named), tools, out error);
        }

        var word = choice is { } given && JsonFields.TryText(given, out var text) ? text : choice is null ? tools is null ? "none" : "auto" : choice.Value.GetRawText();
        switch (word)
        {
            case "none":
                return null;
            case "auto" or "required" when tools is null:
                error = OpenAiError.BadRequest("When using `tool_choice`, `tools` must be set.", Choice);
                return null;
            case "required":
                return key => ToolCallText.Required(Pick(tools!, key, parallel), key);
            case "auto" when !allowsAuto:
                error = OpenAiError.BadRequest("\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set");
                return null;
            case "auto":
                return mayCallFreely ? key => ToolCallText.Free(Pick(tools!, key, parallel), key) : null;
            default:
                error = OpenAiError.BadRequest($"Invalid value for `tool_choice`: {word}! Only named tools, \"none\", \"auto\" or \"required\" are supported.", Choice);
                return null;
        }
    }

    private static Func<ulong, PlannedText?>? Named(JsonFields choice, List<Tool>? tools, out OpenAiError? error)
    {
        error = null;
        if (tools is null)
        {
            error = OpenAiError.BadRequest("When using `tool_choice`, `tools` must be set.", Choice);
        }
        else if (choice.Element("function") is not { ValueKind: JsonValueKind.Object } function)
        {
            error = OpenAiError.BadRequest($"Invalid value for `function`: `{choice.Element("function")?.GetRawText() ?? "None"}` in `tool_choice`! {Usage}", $"{Choice}.function");
        }
        else if (!function.TryGetProperty("name", out var name))
        {
            error = OpenAiError.BadRequest($"Expected field `name` in `function` in `tool_choice`! {Usage}", $"{Choice}.function.name");
        }
        else if (!JsonFields.TryText(name, out var text) || text.Length == 0)
        {
            error = OpenAiError.BadRequest($"Invalid `name` in `function`: `{name.GetRawText()}` in `tool_choice`! {Usage}", $"{Choice}.function.name");
        }
        else if (tools.Find(tool => tool.Name == text) is { } found)
        {
            return key => ToolCallText.Named(found, key);
        }
        else
        {
            error = OpenAiError.BadRequest("The tool specified in `tool_choice` does not match any of the specified `tools`", Choice);
        }

        return null;
    }

    /// <summary>One tool or, where several may be called at once, sometimes two.</summary>
    private static List<Tool> Pick(List<Tool> tools, ulong key, bool parallel)
    {
        var first = (int)(TextKey.Mix(key) % (ulong)tools.Count);
        var two = parallel && tools.Count > 1 && TextKey.Mix(~key) % 4 == 0;
        return two ? [tools[first], tools[(first + 1) % tools.Count]] : [tools[first]];
    }

    private static List<Tool>? ReadTools(JsonFields fields, out OpenAiError? error)
    {
        error = null;
        if (fields.Element(Tools) is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            error = JsonFields.Invalid(Tools, "list_type", "Input should be a valid list");
            return null;
        }

        if (list.GetArrayLength() == 0)
        {
            error = OpenAiError.BadRequest("`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.", Tools);
            return null;
        }

        var tools = new List<Tool>();
        foreach (var item in list.EnumerateArray())
        {
            if (ReadOne(item, $"{Tools}.{tools.Count}", out error) is not { } tool)
            {
                return null;
            }

            tools.Add(tool);
        }

        return tools;
    }

    private static Tool? ReadOne(JsonElement item, string where, out OpenAiError? error)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("function", out var function) || function.ValueKind != JsonValueKind.Object)
        {
            error = JsonFields.Invalid($"{where}.function", "missing", "Field required");
            return null;
        }

        if (!function.TryGetProperty("name", out var name) || !JsonFields.TryText(name, out var text))
        {
            error = JsonFields.Invalid($"{where}.function.name", "missing", "Field required");
            return null;
        }

        error = null;
        if (function.TryGetProperty("parameters", out var parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Null))
        {
            error = JsonFields.Invalid($"{where}.function.parameters", "dict_type", "Input should be a valid dictionary");
            return null;
        }

        return new Tool(text, parameters.ValueKind == JsonValueKind.Object ? parameters.Clone() : default);
    }
}
