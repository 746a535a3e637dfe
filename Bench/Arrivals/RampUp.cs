namespace LlmdAspire.Bench.Arrivals;

/// <summary>A request rate that grows from the first request to the last.</summary>
internal sealed record RampUp(bool IsExponential, double StartRate, double EndRate)
{
    /// <summary>The rate at one request, by its place among all.</summary>
    public double RateAt(int index, int count)
    {
        var progress = (double)index / Math.Max(count - 1, 1);
        return IsExponential ? StartRate * Math.Pow(EndRate / StartRate, progress) : StartRate + (EndRate - StartRate) * progress;
    }
}
