using System.Runtime.InteropServices;
using System.Text.Json;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Http;

/// <summary>A request for scores, as read from its body.</summary>
internal sealed class ScoreRequest
{
    public string Model { get; private set; } = "";

    /// <summary>The adapter's name, which stands for the model in block keys.</summary>
    public string? Lora { get; private set; }

    public string? CacheSalt { get; private set; }

    /// <summary>Endpoints asked about; null for all.</summary>
    public List<EndpointId>? Endpoints { get; private set; }

    /// <summary>The prompt as token ids, if it came so.</summary>
    public int[]? TokenIds { get; private set; }

    /// <summary>The prompt as UTF-8 text, if it came so.</summary>
    public byte[]? Prompt { get; private set; }

    /// <summary>The messages as raw JSON, if it is a conversation.</summary>
    public ReadOnlyMemory<byte> Messages { get; private set; }

    /// <summary>Members that the engine's <c>/tokenize</c> knows, as raw JSON: <c>"tools":[...]</c>.</summary>
    public List<ReadOnlyMemory<byte>> Passed { get; } = [];

    /// <summary>Whether the marks that begin a prompt go before a text; true unless the request says otherwise, as in vLLM.</summary>
    public bool AddSpecialTokens { get; private set; } = true;

    /// <summary>Whether the conversation comes with a template of its own, in place of the model's.</summary>
    public bool BringsTemplate { get; private set; }

    /// <summary>Reads a body.</summary>
    public static ScoreRequest? Read(ReadOnlyMemory<byte> body, out OpenAiError? error)
    {
        try
        {
            var request = new ScoreRequest();
            error = request.ReadBody(body);
            return error is null ? request : null;
        }
        catch (JsonException wrong)
        {
            error = OpenAiError.BadRequest(
                body.IsEmpty ? "The request body is empty; a JSON object is expected." : $"The request body is not valid JSON: {wrong.Message}");
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape fails only when the string is read out.
            error = OpenAiError.BadRequest("The request body is not valid JSON: a string in it is not valid Unicode.");
        }

        return null;
    }

    private OpenAiError? ReadBody(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 256 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return OpenAiError.BadRequest("The request body must be a JSON object, for example {\"model\": \"...\", \"token_ids\": [1, 2, 3]}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var name = reader.GetString()!;
            _ = reader.Read();
            var error = ReadMember(ref reader, body, name, nameStart);
            if (error is not null)
            {
                return error;
            }
        }

        // Nothing but blanks may follow.
        _ = reader.Read();
        return Check();
    }

    private OpenAiError? ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, string name, int nameStart)
    {
        var isNull = reader.TokenType == JsonTokenType.Null;
        switch (name)
        {
            case "model":
                return reader.TokenType == JsonTokenType.String ? Set(Model = reader.GetString()!) : Wrong(name, "a string");
            case "lora":
                return isNull || reader.TokenType == JsonTokenType.String ? Set(Lora = reader.GetString()) : Wrong(name, "a string");
            case "cache_salt":
                return isNull || reader.TokenType == JsonTokenType.String ? Set(CacheSalt = reader.GetString()) : Wrong(name, "a string");
            case "token_ids" when !isNull:
                return Set(TokenIds = ReadTokens(ref reader)) ?? (TokenIds is null ? Wrong(name, "a list of token ids from 0 to 2147483647") : null);
            case "prompt" when reader.TokenType == JsonTokenType.String:
                return Set(Prompt = Utf8Of(ref reader));
            case "prompt" when !isNull:
                return Set(TokenIds = ReadTokens(ref reader)) ?? (TokenIds is null ? Wrong(name, "one string or one list of token ids") : null);
            case "messages" when !isNull:
                var start = (int)reader.TokenStartIndex;
                var isArray = reader.TokenType == JsonTokenType.StartArray;
                reader.Skip();
                Messages = body[start..(int)reader.BytesConsumed];
                return isArray ? null : Wrong(name, "a list of messages");
            case "endpoints" when !isNull:
                return ReadEndpoints(ref reader);
            case "tools" or "chat_template" or "chat_template_kwargs" or "add_generation_prompt" or "continue_final_message" or "add_special_tokens"
                or "mm_processor_kwargs" when !isNull:
                AddSpecialTokens &= name != "add_special_tokens" || reader.TokenType != JsonTokenType.False;
                BringsTemplate |= name == "chat_template";
                reader.Skip();
                Passed.Add(body[nameStart..(int)reader.BytesConsumed]);
                return null;
            default:
                reader.Skip();
                return null;
        }
    }

    private OpenAiError? Check()
    {
        if (Model.Length == 0)
        {
            return OpenAiError.BadRequest("model is missing: the name under which the engines serve it.", "model");
        }

        var prompts = (TokenIds is null ? 0 : 1) + (Prompt is null ? 0 : 1) + (Messages.IsEmpty ? 0 : 1);
        return prompts == 1 ? null : OpenAiError.BadRequest("Exactly one of token_ids, prompt and messages must be given.", prompts == 0 ? "token_ids" : null);
    }

    private OpenAiError? ReadEndpoints(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Wrong("endpoints", "a list of endpoints, http://HOST:PORT@RANK");
        }

        Endpoints = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                return Wrong("endpoints", "a list of endpoints, http://HOST:PORT@RANK");
            }

            var text = reader.GetString();
            if (!EndpointId.TryParse(text, out var endpoint, out var mistake))
            {
                return OpenAiError.BadRequest($"The endpoint '{text}' {mistake}.", "endpoints");
            }

            Endpoints.Add(endpoint);
        }

        return null;
    }

    internal static int[]? ReadTokens(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        var tokens = new List<int>(1024);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var token) || token < 0)
            {
                return null;
            }

            tokens.Add(token);
        }

        return CollectionsMarshal.AsSpan(tokens).ToArray();
    }

    private static byte[] Utf8Of(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(buffer);
        return buffer[..length];
    }

    // Lets a case of the switch assign and answer in one expression.
    private static OpenAiError? Set<T>(T value) => null;

    private static OpenAiError Wrong(string name, string expected) => OpenAiError.BadRequest($"{name} must be {expected}.", name);
}
