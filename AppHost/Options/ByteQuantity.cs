using System.Globalization;

namespace LlmdAspire.AppHost;

/// <summary>Kubernetes quantities of bytes, to be compared.</summary>
internal static class ByteQuantity
{
    private static readonly (string Unit, decimal Bytes)[] s_units =
    [
        ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("M", 1e6m), ("G", 1e9m), ("T", 1e12m),
    ];

    /// <summary>Bytes of a text such as <c>64Gi</c>.</summary>
    public static decimal Of(string text)
    {
        var (unit, bytes) = s_units.First(known => text.EndsWith(known.Unit, StringComparison.Ordinal));
        return decimal.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * bytes;
    }
}
