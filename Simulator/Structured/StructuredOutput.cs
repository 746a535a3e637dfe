using System.Text.Json;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Structured;

/// <summary>Reads <c>response_format</c> and <c>structured_outputs</c>: the form that an answer must have.</summary>
internal static class StructuredOutput
{
    private const string Format = "response_format";
    private const string Outputs = "structured_outputs";

    private static readonly string[] s_constraints = ["json", "regex", "choice"];

    /// <summary>What the answer says, by its key; null where the request leaves its form open, or is wrong.</summary>
    public static Func<ulong, PlannedText?>? Read(JsonFields fields, out OpenAiError? error)
    {
        error = null;
        if (fields.Object(Outputs) is { } outputs)
        {
            var plan = ReadOutputs(outputs, out error);
            if (plan is not null || error is not null)
            {
                return plan;
            }
        }

        return fields.Object(Format) is { } format ? ReadFormat(format, out error) : null;
    }

    /// <summary>A value of a schema.</summary>
    public static Func<ulong, PlannedText?> OfSchema(JsonElement schema)
    {
        // The request's document is gone by the time the text is made.
        var kept = schema.Clone();
        return key => new PlannedText(SchemaSample.Of(kept, key));
    }

    private static Func<ulong, PlannedText?>? ReadFormat(JsonFields format, out OpenAiError? error)
    {
        error = null;
        switch (format.Text("type"))
        {
            case "text":
                return null;
            case "json_object":
                return AnyObject;
            case "json_schema" when format.Object("json_schema") is { } described:
                if (described.Text("name") is null)
                {
                    error = JsonFields.Invalid($"{Format}.json_schema.name", "missing", "Field required");
                    return null;
                }

                return described.Element("schema") is { } schema ? OfSchema(schema) : AnyObject;
            case "json_schema":
                error = OpenAiError.BadRequest("When response_format type is 'json_schema', the 'json_schema' field must be provided.", Format);
                return null;
            case "structural_tag":
                error = OpenAiError.BadRequest("structural_tag is not supported by the simulator; use json_schema.", Format);
                return null;
            default:
                error = JsonFields.Invalid($"{Format}.type", "literal_error", "Input should be \\'text\\', \\'json_object\\' or \\'json_schema\\'");
                return null;
        }
    }

    private static Func<ulong, PlannedText?>? ReadOutputs(JsonFields outputs, out OpenAiError? error)
    {
        error = null;
        string[] given = [.. s_constraints.Where(name => outputs.Element(name) is not null)];
        if (given.Length > 1)
        {
            error = OpenAiError.BadRequest("You can only use one kind of constraints for structured outputs ('json', 'regex' or 'choice').", Outputs);
            return null;
        }

        if (given is ["regex"] || outputs.Element("grammar") is not null || outputs.Element("structural_tag") is not null)
        {
            error = OpenAiError.BadRequest("The simulator knows json, json_object and choice as structured_outputs; regex, grammar and structural_tag are not supported.", Outputs);
            return null;
        }

        if (given is ["choice"])
        {
            var choices = outputs.Texts("choice");
            error = outputs.Mistake is null && choices.Count > 0 ? null : JsonFields.Invalid($"{Outputs}.choice", "list_type", "Input should be a valid list");
            return error is null ? key => new PlannedText(choices[(int)(TextKey.Mix(key) % (ulong)choices.Count)]) : null;
        }

        if (given is ["json"])
        {
            return ReadSchema(outputs.Element("json")!.Value, out error);
        }

        return outputs.Switch("json_object") ? AnyObject : null;
    }

    /// <summary>The schema may be an object or its text.</summary>
    private static Func<ulong, PlannedText?>? ReadSchema(JsonElement json, out OpenAiError? error)
    {
        error = null;
        if (json.ValueKind == JsonValueKind.Object)
        {
            return OfSchema(json);
        }

        try
        {
            using var document = JsonDocument.Parse(JsonFields.TryText(json, out var text) ? text : "");
            return OfSchema(document.RootElement);
        }
        catch (JsonException)
        {
            error = OpenAiError.BadRequest("Invalid JSON schema in structured_outputs.json.", Outputs);
            return null;
        }
    }

    private static PlannedText AnyObject(ulong key)
    {
        using var schema = JsonDocument.Parse("""{"type":"object","properties":{"answer":{"type":"string","minLength":20},"score":{"type":"integer","minimum":0}},"required":["answer","score"]}""");
        return new PlannedText(SchemaSample.Of(schema.RootElement, key));
    }
}
