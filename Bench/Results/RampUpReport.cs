using LlmdAspire.Bench.Arrivals;

namespace LlmdAspire.Bench.Results;

/// <summary>A growing request rate, and when it passed each whole number.</summary>
internal sealed record RampUpReport(string Strategy, int StartRate, int EndRate, IReadOnlyList<RateChange> Changes)
{
    public static RampUpReport Of(RampUp rampUp, IReadOnlyList<double> arrivals, DateTimeOffset start)
    {
        var last = (int)rampUp.StartRate;
        var changes = new List<RateChange> { new(last, start) };
        for (var i = 0; i < arrivals.Count; i++)
        {
            for (var rate = (int)rampUp.RateAt(i, arrivals.Count); last < rate;)
            {
                changes.Add(new RateChange(++last, start.AddSeconds(arrivals[i])));
            }
        }

        return new RampUpReport(rampUp.IsExponential ? "exponential" : "linear", (int)rampUp.StartRate, (int)rampUp.EndRate, changes);
    }
}

/// <summary>When a growing rate reached a whole number.</summary>
internal readonly record struct RateChange(int Rate, DateTimeOffset At);
