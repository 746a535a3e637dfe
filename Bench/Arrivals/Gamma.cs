namespace LlmdAspire.Bench.Arrivals;

/// <summary>Random numbers with a gamma distribution of scale 1.</summary>
internal static class Gamma
{
    /// <summary>Marsaglia and Tsang's method (2000), with their boost for shapes below 1.</summary>
    public static double Sample(double shape, Random random)
    {
        if (shape < 1)
        {
            return Sample(shape + 1, random) * Math.Pow(Uniform(random), 1 / shape);
        }

        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal(random);
            var v = Math.Pow(1 + c * x, 3);
            if (v > 0 && Math.Log(Uniform(random)) < x * x / 2 + d - d * v + d * Math.Log(v))
            {
                return d * v;
            }
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(Uniform(random))) * Math.Cos(2 * Math.PI * random.NextDouble());

    // Above 0, because logarithms follow.
    private static double Uniform(Random random) => 1 - random.NextDouble();
}
