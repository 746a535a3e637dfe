using System.Runtime.InteropServices;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Tokens;

/// <summary><c>POST /detokenize</c>: the text of token ids.</summary>
internal static class DetokenizeEndpoint
{
    public static Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        if (fields.Element("tokens") is null)
        {
            fields.Refuse("tokens", "missing", "Field required");
        }

        var tokens = fields.Ids("tokens");
        var mistake = RequestChecks.UnknownModel(engine, fields.Text("model"));
        if ((fields.Mistake ?? mistake ?? OutOfVocabulary(engine, tokens)) is { } error)
        {
            return JsonReply.WriteAsync(context, error);
        }

        return JsonReply.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("prompt", engine.Tokenizer.Decode(CollectionsMarshal.AsSpan(tokens)));
            json.WriteEndObject();
        });
    }

    private static OpenAiError? OutOfVocabulary(ServedEngine engine, List<int> tokens) =>
        tokens.Exists(token => token < 0 || token >= engine.Tokenizer.VocabularySize)
            ? OpenAiError.BadRequest($"Token ids run from 0 to {engine.Tokenizer.VocabularySize - 1}.", "tokens")
            : null;
}
