namespace LlmdAspire.EngineModel.Timing;

/// <summary>Times that vary around a mean as llm-d-inference-sim's do: normally distributed, cut to 30 to 170 percent of the mean.</summary>
internal static class ClampedNormal
{
    private const double Least = 0.3;
    private const double Most = 1.7;

    public static TimeSpan Draw(TimeSpan mean, TimeSpan deviation, Random random)
    {
        if (deviation <= TimeSpan.Zero || mean <= TimeSpan.Zero)
        {
            return mean;
        }

        // Box and Muller; the first number must not be 0.
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return mean.Times(Math.Clamp(1 + (normal * (deviation / mean)), Least, Most));
    }
}
