namespace LlmdAspire.EngineModel.Metrics;

/// <summary>vLLM's histogram bounds, so that dashboards and rules written for it fit.</summary>
public static class Buckets
{
    public static double[] FirstToken { get; } =
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560];

    public static double[] BetweenTokens { get; } =
        [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80];

    public static double[] WholeRequest { get; } =
        [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680];

    public static double[] Iteration { get; } = [1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384];

    public static double[] Transfer { get; } = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 5];

    public static double[] Choices { get; } = [1, 2, 5, 10, 20];

    /// <summary>2 KiB and up, each four times the one before.</summary>
    public static double[] TransferBytes { get; } = [.. Enumerable.Range(0, 14).Select(power => 2048 * Math.Pow(4, power))];

    public static double[] TransferDescriptors { get; } = [10, 20, 30, 50, 75, 100, 200, 400, 1000, 2000, 4000, 10000, 20000, 50000];

    /// <summary>1, 2 and 5 times the powers of ten, up to <paramref name="most"/>.</summary>
    public static double[] Tokens(int most)
    {
        var bounds = new List<double>();
        for (long power = 1; ; power *= 10)
        {
            foreach (var step in (ReadOnlySpan<int>)[1, 2, 5])
            {
                if (step * power > most)
                {
                    return [.. bounds];
                }

                bounds.Add(step * power);
            }
        }
    }
}
