using System.Globalization;

namespace LlmdAspire.KvIndexer.CommandLine;

/// <summary>Sizes as flags write them: <c>2GiB</c>, <c>512MiB</c>, <c>64KiB</c>, <c>1.5GB</c>, or a bare number of bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] s_units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ("B", 1), ("", 1),
    ];

    public static bool TryParse(string text, out long bytes)
    {
        text = text.Trim();
        foreach (var (unit, size) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number * size is >= 0 and < long.MaxValue)
            {
                bytes = (long)(number * size);
                return true;
            }
        }

        bytes = 0;
        return false;
    }
}
