using System.Globalization;
using System.Text.Json;
using LlmdAspire.Protocols;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.FakeMetrics;

/// <summary>A gauge that tells what it was told to tell: a number, or <c>function:start:end:period</c>.</summary>
internal sealed record FakeValue
{
    private const string Form = "must be a number or one of oscillate, ramp, rampreset and squarewave as function:start:end:period, for example ramp:0:10:30s";

    private string? Function { get; init; }

    private double Start { get; init; }

    private double End { get; init; }

    private TimeSpan Period { get; init; }

    /// <summary>The lowest and the highest it gets.</summary>
    public (double Least, double Most) Range => (Math.Min(Start, End), Math.Max(Start, End));

    /// <summary>Reads one.</summary>
    /// <returns>What is wrong with it, as the end of a sentence; null for nothing.</returns>
    public static string? Read(JsonElement json, out FakeValue value)
    {
        value = new FakeValue();
        if (json.ValueKind == JsonValueKind.Number)
        {
            value = value with { Start = json.GetDouble(), End = json.GetDouble() };
            return null;
        }

        if (!JsonFields.TryText(json, out var text) || text.Split(':') is not [var function, var start, var end, var period]
            || function is not ("oscillate" or "ramp" or "rampreset" or "squarewave")
            || !double.TryParse(start, NumberStyles.Float, CultureInfo.InvariantCulture, out var from) || !double.IsFinite(from)
            || !double.TryParse(end, NumberStyles.Float, CultureInfo.InvariantCulture, out var to) || !double.IsFinite(to)
            || !Duration.TryParse(period, TimeSpan.FromSeconds(1), out var time) || time <= TimeSpan.Zero)
        {
            return Form;
        }

        value = new FakeValue { Function = function, Start = from, End = to, Period = time };
        return null;
    }

    /// <summary>The value so long after the metrics were set.</summary>
    public double At(TimeSpan elapsed)
    {
        var periods = elapsed / Period;
        var within = periods - Math.Floor(periods);
        return Function switch
        {
            "oscillate" => ((Start + End) / 2) + ((End - Start) / 2 * Math.Sin(2 * Math.PI * periods)),
            "ramp" => periods >= 1 ? End : Start + (periods * (End - Start)),
            "rampreset" => Start + (within * (End - Start)),
            "squarewave" => within < 0.5 ? Start : End,
            _ => Start,
        };
    }
}
