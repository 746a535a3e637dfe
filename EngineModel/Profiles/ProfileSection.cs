using System.Text.Json;

namespace LlmdAspire.EngineModel.Profiles;

/// <summary>One object of a profile's JSON. What is missing, unknown or out of range goes to the list of mistakes.</summary>
internal sealed class ProfileSection(JsonElement json, string path, List<string> mistakes)
{
    private readonly HashSet<string> _known = [];

    public ProfileSection Section(string name)
    {
        if (Find(name, JsonValueKind.Object, "an object") is { } found)
        {
            return new ProfileSection(found, Path(name) + ".", mistakes);
        }

        // Its fields need not be told one by one.
        return new ProfileSection(default, "", []);
    }

    public string Text(string name) => Find(name, JsonValueKind.String, "a text")?.GetString() ?? "";

    public IReadOnlyList<string> Texts(string name)
    {
        if (json.ValueKind == JsonValueKind.Object && !json.TryGetProperty(name, out _))
        {
            return [];
        }

        var list = Find(name, JsonValueKind.Array, "a list of texts");
        if (list is { } given && given.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            mistakes.Add($"{Path(name)} must be a list of texts");
            return [];
        }

        return list is { } texts ? [.. texts.EnumerateArray().Select(item => item.GetString()!)] : [];
    }

    public bool Switch(string name)
    {
        _ = _known.Add(name);
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.ValueKind == JsonValueKind.True;
        }

        mistakes.Add($"{Path(name)} must be true or false");
        return false;
    }

    public double Number(string name, double least, double most)
    {
        if (Find(name, JsonValueKind.Number, FormattableString.Invariant($"a number from {least} to {most}")) is not { } value)
        {
            return least;
        }

        var number = value.GetDouble();
        if (number < least || number > most)
        {
            mistakes.Add(FormattableString.Invariant($"{Path(name)} is {number}; it must be from {least} to {most}"));
        }

        return number;
    }

    public int Whole(string name, int least, int most)
    {
        var number = Number(name, least, most);
        if (number != Math.Floor(number))
        {
            mistakes.Add(FormattableString.Invariant($"{Path(name)} is {number}; it must be a whole number"));
        }

        return (int)Math.Clamp(number, least, most);
    }

    /// <summary>Names the fields that nobody asked for.</summary>
    public void RefuseOthers()
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var other in json.EnumerateObject().Where(field => !_known.Contains(field.Name)))
        {
            mistakes.Add($"{Path(other.Name)} is no field of a profile");
        }
    }

    private JsonElement? Find(string name, JsonValueKind kind, string expected)
    {
        _ = _known.Add(name);
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == kind)
        {
            return value;
        }

        mistakes.Add($"{Path(name)} must be {expected}");
        return null;
    }

    private string Path(string name) => path + name;
}
