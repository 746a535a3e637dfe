using System.Text;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Collects the members of a request body while the reader passes over them.</summary>
internal ref struct BodyMembers
{
    private string? _model;
    private ByteRange _modelValue;
    private bool _stream;
    private long? _maxTokens;
    private long? _maxCompletionTokens;
    private long? _maxOutputTokens;
    private PromptKind _promptKind;
    private ByteRange _prompt;
    private string? _cacheSalt;
    private string? _sessionParams;
    private string? _user;
    private string? _sessionId;
    private string? _userId;
    private bool _hasKvTransferParams;
    private List<ByteRange>? _templateMembers;

    /// <summary>Reads from behind the opening brace to the end of the body.</summary>
    public OpenAiError? ReadAll(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadMember(ref reader) is { } error)
            {
                return error;
            }
        }

        // One more read finds anything but white space behind the closing brace.
        _ = reader.Read();
        return null;
    }

    public readonly RequestPeek ToPeek() => new()
    {
        Model = _model,
        ModelValue = _modelValue,
        Stream = _stream,
        MaxTokens = _maxCompletionTokens ?? _maxTokens ?? _maxOutputTokens,
        PromptKind = _promptKind,
        Prompt = _prompt,
        TemplateMembers = _templateMembers,
        CacheSalt = _cacheSalt,
        SessionKey = _sessionParams ?? _user ?? _sessionId ?? _userId,
        SessionKeyNamesUser = _sessionParams is null && (_user ?? (_sessionId is null ? _userId : null)) is not null,
        HasKvTransferParams = _hasKvTransferParams,
    };

    private OpenAiError? ReadMember(ref Utf8JsonReader reader)
    {
        // The switch on length keeps the common case, a member nobody asks for, at one comparison.
        switch (reader.HasValueSequence || reader.ValueIsEscaped ? -1 : reader.ValueSpan.Length)
        {
            case -1 or 4 or 5 or 6 or 7 or 8 or 10 or 13 or 14 or 17 or 18 or 20 or 21 or 22:
                break;
            default:
                SkipValue(ref reader);
                return null;
        }

        if (reader.ValueTextEquals("model"u8))
        {
            return ReadModel(ref reader);
        }

        if (reader.ValueTextEquals("stream"u8))
        {
            _ = reader.Read();
            _stream = reader.TokenType == JsonTokenType.True;
            reader.Skip();
        }
        else if (reader.ValueTextEquals("messages"u8))
        {
            ReadPrompt(ref reader, PromptKind.Messages);
        }
        else if (reader.ValueTextEquals("prompt"u8) || reader.ValueTextEquals("input"u8) || reader.ValueTextEquals("text"u8))
        {
            ReadPrompt(ref reader, PromptKind.Other);
        }
        else if (reader.ValueTextEquals("max_tokens"u8))
        {
            _maxTokens = ReadNumber(ref reader);
        }
        else if (reader.ValueTextEquals("max_completion_tokens"u8))
        {
            _maxCompletionTokens = ReadNumber(ref reader);
        }
        else if (reader.ValueTextEquals("max_output_tokens"u8))
        {
            _maxOutputTokens = ReadNumber(ref reader);
        }
        else
        {
            ReadKeys(ref reader);
        }

        return null;
    }

    private void ReadKeys(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("cache_salt"u8))
        {
            _cacheSalt = ReadString(ref reader);
        }
        else if (reader.ValueTextEquals("user"u8))
        {
            _user = ReadName(ref reader);
        }
        else if (reader.ValueTextEquals("session_id"u8))
        {
            _sessionId = ReadName(ref reader);
        }
        else if (reader.ValueTextEquals("user_id"u8))
        {
            _userId = ReadName(ref reader);
        }
        else if (reader.ValueTextEquals("session_params"u8))
        {
            ReadSessionParams(ref reader);
        }
        else if (reader.ValueTextEquals("kv_transfer_params"u8))
        {
            _hasKvTransferParams = true;
            SkipValue(ref reader);
        }
        else if (reader.ValueTextEquals("tools"u8) || reader.ValueTextEquals("chat_template"u8) || reader.ValueTextEquals("chat_template_kwargs"u8)
            || reader.ValueTextEquals("add_generation_prompt"u8) || reader.ValueTextEquals("continue_final_message"u8) || reader.ValueTextEquals("add_special_tokens"u8))
        {
            ReadTemplateMember(ref reader);
        }
        else
        {
            SkipValue(ref reader);
        }
    }

    private void ReadTemplateMember(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.Null)
        {
            reader.Skip();
            (_templateMembers ??= []).Add(new ByteRange(start, reader.BytesConsumed - start));
        }
    }

    private OpenAiError? ReadModel(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            _model = null;
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return OpenAiError.BadRequest("`model` must be a string.", "model");
        }

        _model = reader.GetString();
        _modelValue = new ByteRange(reader.TokenStartIndex, reader.BytesConsumed - reader.TokenStartIndex);
        return null;
    }

    private void ReadPrompt(ref Utf8JsonReader reader, PromptKind kind)
    {
        _ = reader.Read();
        var start = reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (kind != PromptKind.Messages)
        {
            kind = reader.TokenType == JsonTokenType.String ? PromptKind.Text : PromptKind.Other;
        }

        if (kind == PromptKind.Other && reader.TokenType == JsonTokenType.StartArray)
        {
            kind = ReadArrayKind(ref reader);
        }
        else
        {
            reader.Skip();
        }

        _promptKind = kind;
        _prompt = new ByteRange(start, reader.BytesConsumed - start);
    }

    private static PromptKind ReadArrayKind(ref Utf8JsonReader reader)
    {
        var kind = PromptKind.Other;
        for (var first = true; reader.Read() && reader.TokenType != JsonTokenType.EndArray; first = false)
        {
            kind = reader.TokenType == JsonTokenType.Number && (first || kind == PromptKind.TokenIds) ? PromptKind.TokenIds : PromptKind.Other;
            reader.Skip();
        }

        return kind;
    }

    private void ReadSessionParams(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("session_id"u8))
            {
                _sessionParams = ReadName(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        reader.Skip();
        return text is { Length: > 0 } ? text : null;
    }

    // Some clients number their sessions.
    private static string? ReadName(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        var name = reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Number => reader.HasValueSequence ? Encoding.UTF8.GetString(reader.ValueSequence) : Encoding.UTF8.GetString(reader.ValueSpan),
            _ => null,
        };
        reader.Skip();
        return name is { Length: > 0 } ? name : null;
    }

    private static long? ReadNumber(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        long? number = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
        reader.Skip();
        return number;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        reader.Skip();
    }
}
