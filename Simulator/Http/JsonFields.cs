using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Http;

/// <summary>Reads the fields of a request and remembers the first one that has the wrong type.</summary>
/// <remarks>A field that is absent or null reads as its default, as in vLLM; so does a wrong one, and <see cref="Mistake"/> tells.</remarks>
internal sealed class JsonFields(JsonElement body)
{
    /// <summary>What is wrong with the fields read so far, or null.</summary>
    public OpenAiError? Mistake { get; private set; }

    public static OpenAiError Invalid(string field, string kind, string message) =>
        new(StatusCodes.Status400BadRequest, "Bad Request",
            $"1 validation error:\n  {{'type': '{kind}', 'loc': ('body', '{field.Replace(".", "', '", StringComparison.Ordinal)}'), 'msg': '{message}'}}", field);

    /// <summary>The field, unless it is absent or null.</summary>
    public JsonElement? Element(string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string name)
    {
        if (Element(name) is not { } value)
        {
            return null;
        }

        if (TryText(value, out var text))
        {
            return text;
        }

        Refuse(name, "string_type", "Input should be a valid string");
        return null;
    }

    public bool Switch(string name, bool absent = false)
    {
        switch (Element(name)?.ValueKind)
        {
            case null:
                return absent;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.True:
                return true;
            default:
                Refuse(name, "bool_type", "Input should be a valid boolean");
                return false;
        }
    }

    public long? Whole(string name)
    {
        if (Element(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var whole))
            {
                return whole;
            }

            // 16.0 is as good as 16.
            if (value.TryGetDouble(out var number) && number == Math.Floor(number) && Math.Abs(number) < 1e15)
            {
                return (long)number;
            }
        }

        Refuse(name, "int_type", "Input should be a valid integer");
        return null;
    }

    public double? Number(string name)
    {
        if (Element(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Refuse(name, "float_type", "Input should be a valid number");
        return null;
    }

    /// <summary>A text or a list of texts.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Element(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return Text(name) is { } one ? [one] : [];
        }

        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            if (!TryText(item, out var text))
            {
                Refuse(name, "string_type", "Input should be a valid string");
                return [];
            }

            texts.Add(text);
        }

        return texts;
    }

    /// <summary>A list of token ids.</summary>
    public List<int> Ids(string name)
    {
        var ids = new List<int>();
        if (Element(name) is { } value && (value.ValueKind != JsonValueKind.Array || !TryIds(value, ids)))
        {
            Refuse(name, "list_type", "Input should be a valid list of integers");
        }

        return ids;
    }

    /// <summary>An object, read with fields of its own.</summary>
    public JsonFields? Object(string name)
    {
        if (Element(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new JsonFields(value);
        }

        Refuse(name, "model_type", "Input should be a valid object");
        return null;
    }

    public void Refuse(string field, string kind, string message) => Mistake ??= Invalid(field, kind, message);

    /// <summary>Takes over what <paramref name="inner"/>, the object in field <paramref name="name"/>, found wrong.</summary>
    public void Adopt(string name, JsonFields inner)
    {
        if (inner.Mistake is { } mistake)
        {
            Mistake ??= mistake with { Param = $"{name}.{mistake.Param}" };
        }
    }

    public static bool TryText(JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // JSON can escape half a surrogate pair, which is no text.
            return false;
        }
    }

    public static bool TryIds(JsonElement list, List<int> ids)
    {
        ids.EnsureCapacity(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out var id))
            {
                return false;
            }

            ids.Add(id);
        }

        return true;
    }
}
