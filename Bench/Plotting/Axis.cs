using System.Globalization;

namespace LlmdAspire.Bench.Plotting;

/// <summary>An axis from 0 to a round number that holds all values, with marks at round numbers.</summary>
internal sealed class Axis
{
    private const int Steps = 5;

    public Axis(double greatest)
    {
        // 1, 2 or 5 times a power of ten, so that about five of them reach the greatest value.
        greatest = greatest > 0 ? greatest : 1;
        var rough = greatest / Steps;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        Step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        Count = Math.Max(1, (int)Math.Ceiling(greatest / Step - 1e-9));
        End = Count * Step;
    }

    public double Step { get; }

    public int Count { get; }

    public double End { get; }

    /// <summary>Where a value lies, from 0 to 1.</summary>
    public double Share(double value) => value / End;

    /// <summary>A value as it stands at a mark: <c>1.5k</c>.</summary>
    public static string Label(double value) => value switch
    {
        >= 1e6 => Short(value / 1e6) + "M",
        >= 1e4 => Short(value / 1e3) + "k",
        _ => Short(value),
    };

    private static string Short(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
