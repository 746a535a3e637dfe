using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Micro;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>The lookups of <see cref="IndexLookup"/>, timed one by one: on a machine that others use, the median still tells what a lookup takes.</summary>
internal static class Lookup
{
    private const int Lookups = 20_000;

    public static int Run()
    {
        foreach (var endpoints in new[] { 64, 1000 })
        {
            foreach (var who in Enum.GetValues<Holders>())
            {
                Measure(new IndexLookup { Endpoints = endpoints, Who = who });
            }
        }

        return 0;
    }

    private static void Measure(IndexLookup lookups)
    {
        lookups.Fill();
        var times = new double[Lookups];
        for (var i = -Lookups; i < Lookups; i++)
        {
            var from = Stopwatch.GetTimestamp();
            _ = lookups.Lookup();
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(from).TotalMicroseconds;
            }
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"512 blocks, {lookups.Endpoints} endpoints, held by {lookups.Who}: p50 {times[Lookups / 2]:F2} us, p10 {times[Lookups / 10]:F2} us, p99 {times[Lookups * 99 / 100]:F2} us"));
    }
}
