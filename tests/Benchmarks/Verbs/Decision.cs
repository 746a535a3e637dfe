using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Epp;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Objectives;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Scheduling.Configuration;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>How long a decision takes at 100 endpoints, without the wire: reading the body, scheduling it, learning from it.</summary>
/// <remarks>
/// llm-d's default configuration (queue, KV utilisation, approximate prefix). Half of the prompts were seen before; the index knows about 200 prompts more. One thread,
/// so wall time is CPU time unless somebody else wants the core.
/// </remarks>
internal static class Decision
{
    private const int Endpoints = 100;
    private const int Known = 200;

    public static async Task<int> RunAsync()
    {
        await MeasureAsync("8k-token prompt", tokens: 8 * 1024, picks: 20_000);
        await MeasureAsync("100k-token prompt", tokens: 100 * 1024, picks: 1000);
        return 0;
    }

    private static async Task MeasureAsync(string name, int tokens, int picks)
    {
        var bytes = tokens * Prompts.BytesPerToken;
        var seen = Enumerable.Range(0, Known).Select(seed => Prompts.CompletionBody(Prompts.Text(bytes, seed))).ToArray();
        var picker = NewPicker();
        foreach (var body in seen)
        {
            _ = await TimeAsync(picker, body);
        }

        var fresh = Prompts.CompletionBody(Prompts.Text(bytes, Known));
        var times = new double[picks];
        for (var i = -picks / 4; i < picks; i++)
        {
            MakeNew(fresh, i);
            var took = await TimeAsync(picker, i % 2 == 0 ? fresh : seen[Math.Abs(i) % Known]);
            if (i >= 0)
            {
                times[i] = took.TotalMicroseconds;
            }
        }

        Array.Sort(times);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name} at {Endpoints} endpoints: p50 {times[picks / 2]:F0} us, p99 {times[picks * 99 / 100]:F0} us, mean {times.Average():F0} us ({picks} picks)"));
    }

    // Another first word makes another prompt to the last block.
    private static void MakeNew(byte[] body, int number)
    {
        var word = body.AsSpan(body.AsSpan().IndexOf("\"prompt\":\""u8) + 10, 5);
        for (var i = 0; i < word.Length; i++, number /= 26)
        {
            word[i] = (byte)('a' + (Math.Abs(number) % 26));
        }
    }

    private static async ValueTask<TimeSpan> TimeAsync(RequestPicker picker, byte[] body)
    {
        var from = Stopwatch.GetTimestamp();
        var outcome = await picker.PickAsync("request", "/v1/completions", static _ => null, null, body, CancellationToken.None);
        var took = Stopwatch.GetElapsedTime(from);
        return outcome.Refusal is null ? took : throw new InvalidOperationException(outcome.Refusal.Text);
    }

    private static RequestPicker NewPicker()
    {
        var pool = new EndpointPool();
        pool.Set([.. Enumerable.Range(0, Endpoints).Select(i => new EndpointDeclaration(Id($"http://10.0.0.{i + 1}:8000"), new Dictionary<string, string>()))]);
        var random = new Random(1);
        foreach (var endpoint in pool.All)
        {
            endpoint.Load = new EngineLoad { Waiting = random.Next(5), Running = random.Next(50), KvUsage = random.NextDouble(), BlockSize = 16, BlockCount = 30_000, ReadAt = Stopwatch.GetTimestamp() };
        }

        var scheduler = EndpointPickerConfig.Load(EndpointPickerConfig.Default, new SchedulerOptions { Random = random });
        return new RequestPicker(pool, new CurrentScheduler(scheduler), new ObjectiveTable(), new Traffic(TimeProvider.System), new EppFlags(), random);
    }

    private static EndpointId Id(string text) => EndpointId.TryParse(text, out var id, out var mistake) ? id : throw new FormatException(mistake);
}
