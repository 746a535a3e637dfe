namespace LlmdAspire.Bench.Datasets;

/// <summary>Lengths from <see cref="Shortest"/> to <see cref="Longest"/>, both included, all equally likely.</summary>
internal readonly record struct LengthRange(int Shortest, int Longest)
{
    /// <param name="length">The middle.</param>
    /// <param name="ratio">How far from it lengths may be, as a share of it: 0 for always the same.</param>
    public static LengthRange Around(int length, double ratio) =>
        new(Math.Max(1, (int)Math.Floor(length * (1 - ratio))), Math.Max(1, (int)Math.Ceiling(length * (1 + ratio))));

    public int Sample(Random random) => random.Next(Shortest, Longest + 1);
}
