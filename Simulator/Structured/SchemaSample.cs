using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Structured;

/// <summary>A JSON value that a schema allows, a function of a key alone.</summary>
/// <remarks>
/// Knows types, enum, const, bounds of numbers, lengths and formats of strings, arrays, objects, allOf, anyOf, oneOf and references within the schema.
/// <c>pattern</c>, <c>not</c> and conditions are not looked at. However the schema is made, the value stays below about <see cref="MostBytes"/>.
/// </remarks>
internal sealed class SchemaSample : IDisposable
{
    private const int MostDepth = 12;
    private const int MostBytes = 32 * 1024;
    private const int MostParts = 64;

    private static readonly string[] s_words =
        ["river", "garden", "window", "harbour", "lantern", "orchard", "bridge", "signal", "letter", "winter", "market", "forest", "story", "engine", "silver", "quiet"];

    private readonly JsonElement _root;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Utf8JsonWriter _json;
    private ulong _state;

    private SchemaSample(JsonElement root, ulong key)
    {
        _root = root;
        _state = key;
        _json = new Utf8JsonWriter(_output, JsonReply.Plain);
    }

    private bool IsFull => _json.BytesCommitted + _json.BytesPending > MostBytes;

    /// <summary>The value as compact JSON.</summary>
    public static string Of(JsonElement schema, ulong key)
    {
        using var sample = new SchemaSample(schema, key);
        sample.Value(schema, 0);
        sample._json.Flush();
        return Encoding.UTF8.GetString(sample._output.WrittenSpan);
    }

    public void Dispose() => _json.Dispose();

    private void Value(JsonElement schema, int depth)
    {
        var parts = new List<JsonElement>();
        Expand(schema, depth, parts);
        if (Find(parts, "const") is { } constant)
        {
            constant.WriteTo(_json);
        }
        else if (Find(parts, "enum") is { ValueKind: JsonValueKind.Array } options && options.GetArrayLength() > 0)
        {
            options[Draw(options.GetArrayLength())].WriteTo(_json);
        }
        else
        {
            Typed(parts, depth);
        }
    }

    private void Typed(List<JsonElement> parts, int depth)
    {
        switch (TypeOf(parts))
        {
            case "object":
                Object(parts, depth);
                break;
            case "array":
                Array(parts, depth);
                break;
            case "integer":
                _json.WriteNumberValue((long)Number(parts, step: Math.Max(1, Math.Ceiling(Bound(parts, "multipleOf") ?? 1))));
                break;
            case "number":
                _json.WriteNumberValue(Number(parts, step: Bound(parts, "multipleOf") is > 0 and var multiple ? multiple : 0.25));
                break;
            case "boolean":
                _json.WriteBooleanValue(Draw(2) == 0);
                break;
            case "null":
                _json.WriteNullValue();
                break;
            default:
                _json.WriteStringValue(Text(parts));
                break;
        }
    }

    /// <summary>The schema and what it refers to: every part holds.</summary>
    private void Expand(JsonElement schema, int depth, List<JsonElement> parts)
    {
        if (schema.ValueKind != JsonValueKind.Object || parts.Count >= MostParts)
        {
            return;
        }

        parts.Add(schema);
        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference) is { } target)
        {
            Expand(target, depth, parts);
        }

        foreach (var part in Items(schema, "allOf"))
        {
            Expand(part, depth, parts);
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            List<JsonElement> branches = [.. Items(schema, keyword)];
            if (branches.Count > 0)
            {
                Expand(Branch(branches, depth), depth, parts);
            }
        }
    }

    /// <summary>Any branch; deep down one that does not go deeper, so that a schema that contains itself comes to an end.</summary>
    private JsonElement Branch(List<JsonElement> branches, int depth)
    {
        if (depth >= MostDepth / 2 || IsFull)
        {
            foreach (var branch in branches)
            {
                if (branch.ValueKind == JsonValueKind.Object && branch.TryGetProperty("type", out var type)
                    && type.ValueKind == JsonValueKind.String && type.GetString() is not ("object" or "array"))
                {
                    return branch;
                }
            }
        }

        return branches[Draw(branches.Count)];
    }

    private void Object(List<JsonElement> parts, int depth)
    {
        var required = new HashSet<string>(parts.SelectMany(part => Items(part, "required")).Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!));
        var written = new HashSet<string>();
        _json.WriteStartObject();
        foreach (var part in parts)
        {
            if (part.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in properties.EnumerateObject())
                {
                    if (IsFull)
                    {
                        break;
                    }

                    var optional = depth < MostDepth / 2 && Draw(2) == 0;
                    if ((required.Contains(property.Name) || optional) && written.Add(property.Name))
                    {
                        Member(property.Name, property.Value, depth);
                    }
                }
            }
        }

        foreach (var name in required.Where(name => !IsFull && written.Add(name)))
        {
            Member(name, Find(parts, "additionalProperties") ?? default, depth);
        }

        var least = (int)Math.Min(Bound(parts, "minProperties") ?? 0, MostParts);
        for (var i = 1; written.Count < least && !IsFull; i++)
        {
            if (written.Add($"{s_words[0]}{i}"))
            {
                Member($"{s_words[0]}{i}", Find(parts, "additionalProperties") ?? default, depth);
            }
        }

        _json.WriteEndObject();
    }

    private void Member(string name, JsonElement schema, int depth)
    {
        _json.WritePropertyName(name);
        if (depth >= MostDepth)
        {
            _json.WriteNullValue();
            return;
        }

        Value(schema, depth + 1);
    }

    private void Array(List<JsonElement> parts, int depth)
    {
        List<JsonElement> prefix = [.. parts.SelectMany(part => Items(part, "prefixItems"))];
        var least = (int)Math.Min(Bound(parts, "minItems") ?? prefix.Count, 1024);
        var most = (int)Math.Min(Bound(parts, "maxItems") ?? Math.Max(least, 3), 1024);
        var count = depth >= MostDepth / 2 || IsFull ? least : Math.Clamp(1 + Draw(3), least, Math.Max(least, most));
        _json.WriteStartArray();
        for (var i = 0; i < count && depth < MostDepth && !IsFull; i++)
        {
            Value(i < prefix.Count ? prefix[i] : Find(parts, "items") ?? default, depth + 1);
        }

        _json.WriteEndArray();
    }

    private double Number(List<JsonElement> parts, double step)
    {
        var least = Math.Max(Bound(parts, "minimum") ?? double.NegativeInfinity, (Bound(parts, "exclusiveMinimum") ?? double.NegativeInfinity) + step);
        var most = Math.Min(Bound(parts, "maximum") ?? double.PositiveInfinity, (Bound(parts, "exclusiveMaximum") ?? double.PositiveInfinity) - step);
        if (double.IsNegativeInfinity(least))
        {
            least = double.IsPositiveInfinity(most) || most >= 0 ? Math.Min(0, most) : most - (100 * step);
        }

        if (double.IsPositiveInfinity(most))
        {
            most = least + (100 * step);
        }

        // Whole steps, so that bounds and multiples are kept exactly; where no step lies between the bounds, the lower bound.
        var (first, last) = (Math.Ceiling(least / step), Math.Floor(most / step));
        var number = last - first is >= 0 and var steps ? (first + Draw((int)Math.Min(steps + 1, 1000))) * step : least;

        // Bounds at the ends of what a number can be leave nothing between them that JSON could say.
        return double.IsFinite(number) ? number : Math.Clamp(least, -double.MaxValue, double.MaxValue);
    }

    private string Text(List<JsonElement> parts)
    {
        switch (Find(parts, "format") is { ValueKind: JsonValueKind.String } format ? format.GetString() : null)
        {
            case "date":
                return Day();
            case "date-time":
                return $"{Day()}T{Draw(24):00}:{Draw(60):00}:{Draw(60):00}Z";
            case "time":
                return $"{Draw(24):00}:{Draw(60):00}:{Draw(60):00}Z";
            case "email":
                return $"{Word()}@example.com";
            case "uri" or "url":
                return $"https://example.com/{Word()}";
            case "hostname":
                return $"{Word()}.example.com";
            case "ipv4":
                return $"192.0.2.{Draw(256)}";
            case "uuid":
                return new Guid(Draw(int.MaxValue), (short)Draw(short.MaxValue), 0x4000, [0x80, 1, 2, 3, 4, 5, 6, 7]).ToString();
            default:
                break;
        }

        var text = new StringBuilder(Word());
        var least = (int)Math.Min(Bound(parts, "minLength") ?? 0, 4096);
        while (text.Length < least)
        {
            _ = text.Append(' ').Append(Word());
        }

        var most = (int)Math.Min(Bound(parts, "maxLength") ?? int.MaxValue, int.MaxValue);
        return text.Length > most ? text.ToString(0, Math.Max(0, most)) : text.ToString();
    }

    private string Day() => string.Create(CultureInfo.InvariantCulture, $"{2020 + Draw(10)}-{1 + Draw(12):00}-{1 + Draw(28):00}");

    private string Word() => s_words[Draw(s_words.Length)];

    private int Draw(int choices) => (int)((_state = TextKey.Mix(_state)) % (ulong)choices);

    private static string TypeOf(List<JsonElement> parts)
    {
        foreach (var part in parts)
        {
            if (part.TryGetProperty("type", out var type))
            {
                var name = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().FirstOrDefault() : type;
                if (JsonFields.TryText(name, out var text))
                {
                    return text;
                }
            }
        }

        return Find(parts, "properties") is not null || Find(parts, "required") is not null ? "object"
            : Find(parts, "items") is not null || Find(parts, "prefixItems") is not null ? "array"
            : Bound(parts, "minimum") is not null || Bound(parts, "maximum") is not null ? "number"
            : "string";
    }

    private static JsonElement? Find(List<JsonElement> parts, string keyword)
    {
        foreach (var part in parts)
        {
            if (part.TryGetProperty(keyword, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private static double? Bound(List<JsonElement> parts, string keyword) =>
        Find(parts, keyword) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static JsonElement.ArrayEnumerator Items(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    /// <summary>What a reference such as <c>#/$defs/Point</c> names; null for one that leads nowhere or to another document.</summary>
    private JsonElement? Resolve(JsonElement reference)
    {
        if (!JsonFields.TryText(reference, out var path) || !path.StartsWith('#'))
        {
            return null;
        }

        var at = _root;
        foreach (var step in path[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = Uri.UnescapeDataString(step).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }
}
