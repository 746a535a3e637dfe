using System.Globalization;
using LlmdAspire.KvIndexer.Index;

namespace LlmdAspire.KvIndexer.CommandLine;

/// <summary>How much a block counts by the tier that holds it: <c>gpu=1.0,cpu=0.8,storage=0.5</c>.</summary>
internal sealed record TierWeights(double Gpu, double Cpu, double Storage)
{
    public static TierWeights Default { get; } = new(1.0, 0.8, 0.5);

    public double Of(Tier tier) => tier switch
    {
        Tier.Cpu => Cpu,
        Tier.Storage => Storage,
        _ => Gpu,
    };

    /// <summary>Reads weights; tiers that are not named keep their default.</summary>
    /// <returns>Null when a tier is unknown or a weight is no number from 0 to 1000.</returns>
    public static TierWeights? Parse(string text)
    {
        var weights = Default;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', ':') is not [var tier, var value]
                || !double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) || weight > 1000)
            {
                return null;
            }

            switch (tier.Trim().ToLowerInvariant())
            {
                case "gpu":
                    weights = weights with { Gpu = weight };
                    break;
                case "cpu":
                    weights = weights with { Cpu = weight };
                    break;
                case "storage":
                    weights = weights with { Storage = weight };
                    break;
                default:
                    return null;
            }
        }

        return weights;
    }
}
