using System.Globalization;

namespace LlmdAspire.Dashboard.Page;

/// <summary>How the page writes numbers: short, always as wide as its neighbours, a dash for what is not known.</summary>
internal static class Show
{
    public const string Unknown = "–";

    public static string Milliseconds(double? ms) => ms switch
    {
        null => Unknown,
        < 10 => Number(ms, "0.0") + " ms",
        < 1000 => Number(ms, "0") + " ms",
        < 60_000 => Number(ms / 1000, "0.00") + " s",
        _ => Number(ms / 60_000, "0.0") + " min",
    };

    public static string Share(double? share) => share is null ? Unknown : Number(share * 100, "0") + " %";

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => Unknown,
        0 => "0",
        < 10 => Number(perSecond, "0.0"),
        _ => Count(perSecond),
    };

    public static string Count(double? count) => count switch
    {
        null => Unknown,
        < 10_000 => Number(count, "0"),
        < 1_000_000 => Number(count / 1000, "0.0") + " k",
        _ => Number(count / 1_000_000, "0.0") + " M",
    };

    public static string Score(double? score) => Number(score, "0.###");

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) ?? Unknown;

    public static string Iso(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture) ?? "";

    /// <summary>An endpoint without its scheme, which all of them share: <c>10.0.0.5:8000@3</c>.</summary>
    public static string Endpoint(string? endpoint) => endpoint is null ? Unknown
        : endpoint.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? endpoint[(scheme + 3)..].TrimEnd('/') : endpoint;

    private static string Number(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? Unknown;
}
