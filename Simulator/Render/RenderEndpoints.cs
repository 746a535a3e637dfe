using System.Text.Json;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.Completions;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Render;

/// <summary><c>POST /v1/completions/render</c> and <c>/v1/chat/completions/render</c>: the request as tokens, ready for <c>/inference/v1/generate</c>.</summary>
internal static class RenderEndpoints
{
    /// <summary>A list with an element for each prompt.</summary>
    public static Task CompletionAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var (task, error) = CompletionRequest.Read(context, engine, fields);
        return error is not null ? JsonReply.WriteAsync(context, error) : JsonReply.WriteAsync(context, json =>
        {
            var id = RequestIds.Of(context, task!.Fields.RequestId);
            json.WriteStartArray();
            for (var i = 0; i < task.Prompts.Count; i++)
            {
                Write(json, engine, fields, task, task.Prompts[i], $"cmpl-{id}-{i}");
            }

            json.WriteEndArray();
        });
    }

    public static Task ChatAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var (task, error) = ChatRequest.Read(context, engine, fields);
        return error is not null ? JsonReply.WriteAsync(context, error)
            : JsonReply.WriteAsync(context, json => Write(json, engine, fields, task!, task!.Prompts[0], $"chatcmpl-{RequestIds.Of(context, task.Fields.RequestId)}"));
    }

    private static void Write(Utf8JsonWriter json, ServedEngine engine, JsonFields fields, ModelTask task, List<int> prompt, string id)
    {
        var asked = task.Fields;
        prompt = PromptCut.Apply(task with { Prompts = [prompt] }, engine.Options.MaxModelLength).Prompts[0];
        json.WriteStartObject();
        json.WriteString("request_id", id);
        TokenIds.Write(json, "token_ids", prompt);
        json.WriteNull("features");
        WriteSampling(json, engine, fields, asked, prompt.Count);
        json.WriteString("model", asked.Model ?? engine.Name);
        json.WriteBoolean("stream", asked.Stream);
        Copy(json, fields, "stream_options");
        json.WriteString("cache_salt", asked.CacheSalt);
        json.WriteNumber("priority", fields.Whole("priority") ?? 0);
        Copy(json, fields, "kv_transfer_params");
        json.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter json, ServedEngine engine, JsonFields fields, GenerationFields asked, int prompt)
    {
        json.WriteStartObject("sampling_params");
        json.WriteNumber("n", asked.Choices);
        json.WriteNumber("presence_penalty", fields.Number("presence_penalty") ?? 0);
        json.WriteNumber("frequency_penalty", fields.Number("frequency_penalty") ?? 0);
        json.WriteNumber("repetition_penalty", fields.Number("repetition_penalty") ?? 1);
        json.WriteNumber("temperature", fields.Number("temperature") ?? 1);
        json.WriteNumber("top_p", fields.Number("top_p") ?? 1);
        json.WriteNumber("top_k", fields.Whole("top_k") ?? 0);
        json.WriteNumber("min_p", fields.Number("min_p") ?? 0);
        Copy(json, fields, "seed");
        json.WriteStartArray("stop");
        foreach (var text in asked.StopStrings)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
        TokenIds.Write(json, "stop_token_ids", asked.StopTokens);
        json.WriteBoolean("ignore_eos", asked.IgnoreEos);
        json.WriteNumber("max_tokens", asked.MaxTokens ?? Math.Max(1, engine.Options.MaxModelLength - prompt));
        json.WriteNumber("min_tokens", asked.MinTokens);
        WriteNumber(json, "logprobs", asked.Logprobs.Top);
        WriteNumber(json, "prompt_logprobs", asked.Logprobs.PromptTop);
        json.WriteBoolean("include_stop_str_in_output", asked.KeepStopString);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Copy(Utf8JsonWriter json, JsonFields fields, string name)
    {
        json.WritePropertyName(name);
        if (fields.Element(name) is { } value)
        {
            value.WriteTo(json);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
