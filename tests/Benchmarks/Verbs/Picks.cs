using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Inputs;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>Picks over ext_proc with many streams at a time, and the CPU they take; both ends in this process, so a picker's share is less than what is said.</summary>
internal static class Picks
{
    public static async Task<int> RunAsync()
    {
        await using var picker = await PickerService.StartAsync();
        await MeasureAsync(picker, "1k-token prompt", tokens: 1024, streams: 64, picks: 20_000);
        await MeasureAsync(picker, "100k-token prompt", tokens: 100 * 1024, streams: 1, picks: 300);
        return 0;
    }

    private static async Task MeasureAsync(PickerService picker, string name, int tokens, int streams, int picks)
    {
        var bodies = Enumerable.Range(0, 100).Select(seed => Prompts.CompletionBody(Prompts.Text(tokens * Prompts.BytesPerToken, seed))).ToArray();
        _ = await RunAsync(picker, bodies, streams, picks / 2);
        var cpuBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var times = await RunAsync(picker, bodies, streams, picks);
        var wall = clock.Elapsed;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime - cpuBefore;
        Array.Sort(times);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}, {streams} streams: {picks / wall.TotalSeconds:F0} picks/s, {cpu.TotalMicroseconds / picks:F0} us of CPU a pick (both ends), p50 {times[picks / 2]:F2} ms, p99 {times[picks * 99 / 100]:F2} ms"));
    }

    private static async Task<double[]> RunAsync(PickerService picker, byte[][] bodies, int streams, int picks)
    {
        var times = new double[picks];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < picks; i = Interlocked.Increment(ref next))
            {
                var from = Stopwatch.GetTimestamp();
                _ = await picker.PickAsync(bodies[i % bodies.Length]);
                times[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
            }
        })));
        return times;
    }
}
