using System.Text.Json;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Models;

/// <summary><c>GET /v1/models</c>: one entry for each name the model is served under, then one for each adapter.</summary>
internal static class ModelsEndpoint
{
    public static Task HandleAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var name in engine.Names)
        {
            WriteModel(json, engine, name, engine.Model, parent: null, engine.Options.MaxModelLength);
        }

        // As in vLLM, an adapter tells no length of its own.
        foreach (var adapter in engine.Face.Loras.All)
        {
            WriteModel(json, engine, adapter.Name, adapter.Path, adapter.Parent ?? engine.Name, length: null);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteModel(Utf8JsonWriter json, ServedEngine engine, string name, string root, string? parent, int? length)
    {
        json.WriteStartObject();
        json.WriteString("id", name);
        json.WriteString("object", "model");
        json.WriteNumber("created", engine.Created);
        json.WriteString("owned_by", "vllm");
        json.WriteString("root", root);
        json.WriteString("parent", parent);
        if (length is { } most)
        {
            json.WriteNumber("max_model_len", most);
        }
        else
        {
            json.WriteNull("max_model_len");
        }

        json.WriteStartArray("permission");
        WritePermission(json, engine);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePermission(Utf8JsonWriter json, ServedEngine engine)
    {
        json.WriteStartObject();
        json.WriteString("id", $"modelperm-{engine.Created:x16}");
        json.WriteString("object", "model_permission");
        json.WriteNumber("created", engine.Created);
        json.WriteBoolean("allow_create_engine", false);
        json.WriteBoolean("allow_sampling", true);
        json.WriteBoolean("allow_logprobs", true);
        json.WriteBoolean("allow_search_indices", false);
        json.WriteBoolean("allow_view", true);
        json.WriteBoolean("allow_fine_tuning", false);
        json.WriteString("organization", "*");
        json.WriteNull("group");
        json.WriteBoolean("is_blocking", false);
        json.WriteEndObject();
    }
}
