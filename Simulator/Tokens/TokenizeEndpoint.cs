using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Tokens;

/// <summary><c>POST /tokenize</c>: the tokens that a prompt or a conversation becomes, exactly as they would be served.</summary>
internal static class TokenizeEndpoint
{
    public static Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var withTexts = fields.Switch("return_token_strs");
        var unknown = RequestChecks.UnknownModel(engine, fields.Text("model"));
        var tokens = Tokens(fields, engine, out var error);
        return (fields.Mistake ?? unknown ?? error) is { } mistake
            ? JsonReply.WriteAsync(context, mistake)
            : JsonReply.WriteAsync(context, json => Write(json, engine, tokens, withTexts));
    }

    private static List<int> Tokens(JsonFields fields, ServedEngine engine, out OpenAiError? error)
    {
        error = null;
        if (fields.Element("messages") is not null)
        {
            return ChatPrompt.Read(fields, engine, out error)?.Tokens ?? [];
        }

        var tokens = new List<int>();
        if (fields.Text("prompt") is { } prompt)
        {
            engine.Tokenizer.EncodePrompt(Encoding.UTF8.GetBytes(prompt), fields.Switch("add_special_tokens", absent: true), tokens);
        }
        else if (fields.Mistake is null)
        {
            error = JsonFields.Invalid("prompt", "missing", "Field required");
        }

        return tokens;
    }

    private static void Write(Utf8JsonWriter json, ServedEngine engine, List<int> tokens, bool withTexts)
    {
        json.WriteStartObject();
        json.WriteNumber("count", tokens.Count);
        json.WriteNumber("max_model_len", engine.Options.MaxModelLength);
        TokenIds.Write(json, "tokens", tokens);
        json.WritePropertyName("token_strs");
        if (!withTexts)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStartArray();
            foreach (var token in tokens)
            {
                json.WriteStringValue(engine.Tokenizer.Decode([token]));
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
