using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Lora;

/// <summary><c>POST /v1/load_lora_adapter</c> and <c>/v1/unload_lora_adapter</c>, which vLLM offers where it is allowed to change adapters while it runs.</summary>
internal static class LoraEndpoints
{
    /// <summary>Environment variable that opens both paths, as in vLLM.</summary>
    public const string Permission = "VLLM_ALLOW_RUNTIME_LORA_UPDATING";

    public static Task LoadAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var (name, path, inPlace) = (fields.Text("lora_name"), fields.Text("lora_path"), fields.Switch("load_inplace"));
        var error = fields.Mistake ?? Missing(fields, "lora_name", "lora_path")
            ?? (name is "" || path is "" ? LoraRegistry.InvalidInput("Both 'lora_name' and 'lora_path' must be provided.") : null)
            ?? (engine.Face.IsLoraEnabled ? null : new OpenAiError(500, "InternalServerError", "LoRA is not enabled. Use --enable-lora to enable LoRA."))
            ?? engine.Face.Loras.Add(name!, path!, parent: null, inPlace);
        return AnswerAsync(context, error, $"Success: LoRA adapter '{name}' added successfully.");
    }

    public static Task UnloadAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var name = fields.Text("lora_name");
        var error = fields.Mistake ?? Missing(fields, "lora_name")
            ?? (name is "" ? LoraRegistry.InvalidInput("'lora_name' needs to be provided to unload a LoRA adapter.") : null)
            ?? engine.Face.Loras.Remove(name!);
        return AnswerAsync(context, error, $"Success: LoRA adapter '{name}' removed successfully.");
    }

    private static OpenAiError? Missing(JsonFields fields, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (fields.Element(name) is null)
            {
                return JsonFields.Invalid(name, "missing", "Field required");
            }
        }

        return null;
    }

    private static async Task AnswerAsync(HttpContext context, OpenAiError? error, string success)
    {
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var text = Encoding.UTF8.GetBytes(success);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = text.Length;
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
    }
}
