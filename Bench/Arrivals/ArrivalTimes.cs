namespace LlmdAspire.Bench.Arrivals;

/// <summary>When requests arrive, in seconds after the start.</summary>
internal static class ArrivalTimes
{
    /// <summary>Intervals are gamma-distributed, and stretched so that the last request arrives after count / rate seconds, whatever the seed.</summary>
    /// <param name="count">How many requests.</param>
    /// <param name="rate">Requests a second; infinity for all at once.</param>
    /// <param name="burstiness">Shape of the distribution: 1 for a Poisson process, less for bursts, more for even intervals, infinity for equal ones.</param>
    /// <param name="random">Source of the intervals.</param>
    public static double[] Steady(int count, double rate, double burstiness, Random random)
    {
        var times = new double[count];
        if (double.IsPositiveInfinity(rate) || count == 0)
        {
            return times;
        }

        Accumulate(times, _ => Interval(rate, burstiness, random));
        var stretch = count / rate / times[^1];
        for (var i = 0; i < count; i++)
        {
            times[i] *= stretch;
        }

        return times;
    }

    /// <summary>The rate changes with each request, so nothing is stretched.</summary>
    public static double[] Growing(int count, RampUp rampUp, double burstiness, Random random)
    {
        var times = new double[count];
        Accumulate(times, index => Interval(rampUp.RateAt(index, count), burstiness, random));
        return times;
    }

    private static void Accumulate(double[] times, Func<int, double> interval)
    {
        var time = 0.0;
        for (var i = 0; i < times.Length; i++)
        {
            time += interval(i);
            times[i] = time;
        }
    }

    private static double Interval(double rate, double burstiness, Random random) =>
        double.IsPositiveInfinity(burstiness) ? 1 / rate : Gamma.Sample(burstiness, random) / (rate * burstiness);
}
