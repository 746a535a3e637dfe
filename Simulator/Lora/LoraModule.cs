using System.Text.Json;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Lora;

/// <summary>One value of <c>--lora-modules</c>: <c>name=path</c>, or JSON with <c>name</c>, <c>path</c> and perhaps <c>base_model_name</c>.</summary>
internal sealed record LoraModule(string Name, string Path, string? BaseModel)
{
    /// <summary>Reads a value.</summary>
    /// <returns>What is wrong with it, as the end of a sentence that begins with the flag; null for nothing.</returns>
    public static string? Read(string text, out LoraModule module)
    {
        module = new LoraModule("", "", null);
        if (!text.TrimStart().StartsWith('{'))
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            module = at < 0 ? module : new LoraModule(text[..at], text[(at + 1)..], null);
        }
        else if (ReadJson(text, ref module) is { } mistake)
        {
            return mistake;
        }

        return module.Name.Length > 0 && module.Path.Length > 0
            ? null : $"holds '{text}'; write name=path, or JSON with name and path";
    }

    private static string? ReadJson(string text, ref LoraModule module)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var fields = new JsonFields(document.RootElement);
            module = new LoraModule(fields.Text("name") ?? "", fields.Text("path") ?? "", fields.Text("base_model_name"));
            return fields.Mistake is null ? null : $"holds '{text}', in which name, path and base_model_name must be texts";
        }
        catch (JsonException e)
        {
            return $"holds '{text}', which cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }
    }
}
