using System.Globalization;
using System.Text.Json;

namespace LlmdAspire.Bench.Datasets;

/// <summary>How much random lengths vary: one number, or a JSON object with one for prompts and one for answers.</summary>
internal readonly record struct RangeRatio(double Input, double Output)
{
    public static bool TryParse(string text, out RangeRatio ratio)
    {
        ratio = default;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var both))
        {
            ratio = new RangeRatio(both, both);
        }
        else if (!TryParseObject(text, out ratio))
        {
            return false;
        }

        return ratio is { Input: >= 0 and < 1, Output: >= 0 and < 1 };
    }

    private static bool TryParseObject(string text, out RangeRatio ratio)
    {
        ratio = default;
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            ratio = new RangeRatio(Member("input"), Member("output"));
            return true;

            // A member that is absent means no variation; one that is no number is out of range.
            double Member(string name) => !json.RootElement.TryGetProperty(name, out var member) ? 0
                : member.ValueKind == JsonValueKind.Number ? member.GetDouble() : -1;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
