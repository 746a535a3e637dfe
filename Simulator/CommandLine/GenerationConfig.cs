using System.Text.Json;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>A model's <c>generation_config.json</c> and what overrides it. Sampling changes nothing here, so only the length counts.</summary>
internal static class GenerationConfig
{
    private const string Key = "max_new_tokens";

    /// <param name="folder">vLLM's <c>--generation-config</c>: <c>auto</c> and <c>vllm</c> read nothing here, as there is no model's folder.</param>
    /// <param name="mostNewTokens">Bound of every answer's length; null for none.</param>
    /// <returns>What is wrong, as the end of a sentence that begins with the flag; null for nothing.</returns>
    public static string? Read(string folder, string? overrides, out int? mostNewTokens)
    {
        mostNewTokens = null;
        try
        {
            if (folder is not ("auto" or "vllm"))
            {
                mostNewTokens = Length(File.ReadAllText(Path.Combine(folder, "generation_config.json")));
            }

            mostNewTokens = (overrides is null ? null : Length(overrides)) ?? mostNewTokens;
            return mostNewTokens < 1 ? $"must have a {Key} of at least 1" : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return $"cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "must be auto, vllm, or a folder with a generation_config.json";
        }
    }

    private static int? Length(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(Key, out var length) && length.ValueKind != JsonValueKind.Null ? length.GetInt32() : null;
    }
}
