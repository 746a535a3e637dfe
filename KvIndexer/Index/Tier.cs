namespace LlmdAspire.KvIndexer.Index;

/// <summary>Where an endpoint keeps a block, fastest first.</summary>
internal enum Tier
{
    Gpu,
    Cpu,
    Storage,

    /// <summary>Expected to be on the GPU soon: a picker said that it sends the prompt there.</summary>
    Speculative,
}

/// <summary>Tiers by the names that engines and clients use.</summary>
internal static class Tiers
{
    public const int Count = 4;

    /// <summary>The tiers a client sees; a speculative block counts as one of the GPU.</summary>
    public const int Visible = 3;

    public static string Name(Tier tier) => tier switch
    {
        Tier.Cpu => "cpu",
        Tier.Storage => "storage",
        _ => "gpu",
    };

    /// <summary>Reads the medium of an event in any case; none means GPU, as before vLLM 0.10.2.</summary>
    /// <remarks>File systems, object stores and whatever else comes are storage: the slowest tier promises least.</remarks>
    public static Tier OfMedium(ReadOnlySpan<byte> medium)
    {
        if (medium.IsEmpty || System.Text.Ascii.EqualsIgnoreCase(medium, "gpu"u8))
        {
            return Tier.Gpu;
        }

        return System.Text.Ascii.EqualsIgnoreCase(medium, "cpu"u8) ? Tier.Cpu : Tier.Storage;
    }
}
