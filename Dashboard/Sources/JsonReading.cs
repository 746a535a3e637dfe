using System.Globalization;
using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Reads fields of another program's JSON; a field that is absent or of another type is null, never an exception.</summary>
internal static class JsonReading
{
    public static JsonElement? Field(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    public static string? Text(this JsonElement json, string name) =>
        json.Field(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static double? Number(this JsonElement json, string name) =>
        json.Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) ? number : null;

    /// <summary>A count: a whole number from 0.</summary>
    public static int? Whole(this JsonElement json, string name) => json.Number(name) is >= 0 and < int.MaxValue and var number ? (int)number : null;

    /// <summary>The numbers of an object by their names, in its order, at most so many.</summary>
    public static IReadOnlyDictionary<string, double> Numbers(this JsonElement json, string name, int max)
    {
        var numbers = new Dictionary<string, double>();
        if (json.Field(name) is { ValueKind: JsonValueKind.Object } fields)
        {
            foreach (var field in fields.EnumerateObject().Take(max))
            {
                if (fields.Number(field.Name) is { } number)
                {
                    numbers[field.Name] = number;
                }
            }
        }

        return numbers;
    }

    public static bool? Truth(this JsonElement json, string name) => json.Field(name)?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A time as ISO 8601 text, or as seconds or milliseconds since 1970.</summary>
    public static DateTimeOffset? Time(this JsonElement json, string name)
    {
        if (json.Text(name) is { } text)
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        }

        // Seconds since 1970 stay below 1e11 until the year 5138.
        return json.Number(name) is { } number and >= 0 and < 1e14
            ? DateTimeOffset.UnixEpoch.AddMilliseconds(number < 1e11 ? number * 1000 : number)
            : null;
    }

    /// <summary>The elements of an array, be it the value itself or the field of that name.</summary>
    public static IEnumerable<JsonElement> Elements(this JsonElement json, string name)
    {
        var list = json.ValueKind == JsonValueKind.Array ? json : json.Field(name);
        return list is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
    }
}
