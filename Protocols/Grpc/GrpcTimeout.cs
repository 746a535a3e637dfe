using System.Globalization;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit, for example <c>250m</c> for 250 ms.</summary>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;
    private const long MaxNumber = 99_999_999;
    private const long NanosecondsPerTick = 100;

    private static readonly (char Unit, long Ticks)[] s_units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>The finest unit that holds the timeout; a timeout that is no multiple of it is rounded up, so that no deadline comes early.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 1);
        if (ticks <= MaxNumber / NanosecondsPerTick)
        {
            return Text(ticks * NanosecondsPerTick, 'n');
        }

        foreach (var (unit, size) in s_units)
        {
            var number = (ticks / size) + (ticks % size == 0 ? 0 : 1);
            if (number <= MaxNumber)
            {
                return Text(number, unit);
            }
        }

        return Text(MaxNumber, 'H');

        static string Text(long number, char unit) => string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    public static bool TryParse(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MaxDigits + 1
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks((number + NanosecondsPerTick - 1) / NanosecondsPerTick);
            return true;
        }

        foreach (var (unit, size) in s_units)
        {
            if (unit == text[^1])
            {
                timeout = number > TimeSpan.MaxValue.Ticks / size ? TimeSpan.MaxValue : TimeSpan.FromTicks(number * size);
                return true;
            }
        }

        return false;
    }
}
