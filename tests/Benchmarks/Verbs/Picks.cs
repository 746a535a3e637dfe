using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Inputs;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>Picks over ext_proc with many streams at a time, and the CPU they take; the picker is a process of its own.</summary>
/// <remarks>The picker's CPU includes that it scrapes its 100 endpoints once a second meanwhile.</remarks>
internal static class Picks
{
    private const int Rounds = 3;

    public static async Task<int> RunAsync()
    {
        using var picker = OtherProcess.Start("picker");
        try
        {
            using var client = new PickClient(new Uri((await picker.StandardOutput.ReadLineAsync())!));
            await MeasureAsync(picker, client, "1k-token prompt", tokens: 1024, streams: 64, picks: 20_000);
            await MeasureAsync(picker, client, "1k-token prompt", tokens: 1024, streams: 1, picks: 5_000);
            await MeasureAsync(picker, client, "100k-token prompt", tokens: 100 * 1024, streams: 1, picks: 300);
        }
        finally
        {
            picker.StandardInput.Close();
            await picker.WaitForExitAsync();
        }

        return 0;
    }

    private static async Task MeasureAsync(Process picker, PickClient client, string name, int tokens, int streams, int picks)
    {
        var bodies = Enumerable.Range(0, 100).Select(seed => Prompts.CompletionBody(Prompts.Text(tokens * Prompts.BytesPerToken, seed))).ToArray();

        // The compiler's second tier comes after some seconds.
        _ = await RunAsync(client, bodies, streams, picks);
        for (var round = 0; round < Rounds; round++)
        {
            using var self = Process.GetCurrentProcess();
            var (theirsBefore, oursBefore) = (picker.CpuSeconds(), self.CpuSeconds());
            var clock = Stopwatch.StartNew();
            var times = await RunAsync(client, bodies, streams, picks);
            var wall = clock.Elapsed.TotalSeconds;
            var (theirs, ours) = (picker.CpuSeconds() - theirsBefore, self.CpuSeconds() - oursBefore);
            Array.Sort(times);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, {streams} streams: {theirs / picks * 1e6:F0} us of the picker's CPU a pick, {ours / picks * 1e6:F0} us of the client's; "
                + $"{picks / wall:F0} picks/s, p50 {times[picks / 2]:F2} ms, p99 {times[picks * 99 / 100]:F2} ms"));
        }
    }

    private static async Task<double[]> RunAsync(PickClient client, byte[][] bodies, int streams, int picks)
    {
        var times = new double[picks];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, streams).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < picks; i = Interlocked.Increment(ref next))
            {
                var from = Stopwatch.GetTimestamp();
                _ = await client.PickAsync(bodies[i % bodies.Length]);
                times[i] = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
            }
        })));
        return times;
    }
}
