using System.Net.Http.Json;
using System.Text.Json;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

/// <summary>A conversation of twenty turns with a Simulator, a process of its own: each score foretells what the engine then finds in its cache, and costs the new turn only.</summary>
public sealed class GrowingConversationTests
{
    private const int Turns = 20;

    [Fact]
    public async Task EachTurn_IsScoredAsTheEngineFindsIt_AndTokenizesItsEndOnly()
    {
        var events = TestPorts.Free();
        await using var simulator = ChildProgram.Start("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "LlmdAspire.Simulator.dll"),
            "--port", "0", "--model", RunningIndexer.Model, "--block-size", "16", "--time-scale", "1000", "--enable-prompt-tokens-details", "--max-model-len", "100000",
            "--kv-events-config", $$"""{"enable_kv_cache_events":true,"publisher":"zmq","endpoint":"tcp://*:{{events}}"}""",
        ]);
        var url = (await simulator.WaitForUrlAsync()).ToString().TrimEnd('/');
        using var engine = new HttpClient { BaseAddress = new Uri(url) };
        // A process of its own too: within one, all indexers count into the same metrics.
        await using var program = ChildProgram.Start("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "LlmdAspire.KvIndexer.dll"), "--port", "0", "--engine", $"{url},events=tcp://127.0.0.1:{events}"]);
        using var indexer = new IndexerApi(await program.WaitForUrlAsync());
        await indexer.ConnectedAsync(url);

        var talked = await TalkAsync(engine, indexer, "the first");
        var again = await TalkAsync(engine, indexer, "the second");

        Assert.InRange(talked.PromptTokens, 10_000, int.MaxValue);
        // The first conversation is also rendered whole each time it doubles; the next one of the same shape never is.
        Assert.InRange(talked.Tokenized.Sum(), 1, (Turns * 2500) + (3 * talked.PromptTokens));
        Assert.All(again.Tokenized[1..], tokens => Assert.InRange(tokens, 1, 2500));
        Assert.Equal(0, await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"differed\""));
    }

    private static async Task<(int PromptTokens, List<double> Tokenized)> TalkAsync(HttpClient engine, IndexerApi indexer, string name)
    {
        var messages = new List<object> { new { role = "system", content = Story($"These are the rules of {name} game", 100) } };
        var tokenized = new List<double>();
        var tokens = 0;
        for (var turn = 0; turn < Turns; turn++)
        {
            messages.Add(new { role = "user", content = Story($"In turn {turn} of {name} game I ask", 40) });
            var before = await indexer.MetricAsync("llmd_kvindexer_tokenized_tokens_total");
            var score = await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, messages });
            tokenized.Add(await indexer.MetricAsync("llmd_kvindexer_tokenized_tokens_total") - before);

            using var response = await engine.PostAsJsonAsync("/v1/chat/completions", new { model = RunningIndexer.Model, messages, max_tokens = 32 });
            var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            var usage = answer.GetProperty("usage");
            tokens = usage.GetProperty("prompt_tokens").GetInt32();
            var cached = usage.GetProperty("prompt_tokens_details") is { ValueKind: JsonValueKind.Object } details ? details.GetProperty("cached_tokens").GetInt32() : 0;
            var foretold = score.GetProperty("matches").EnumerateArray().Select(match => match.GetProperty("tokens").GetInt32()).FirstOrDefault();
            Assert.Equal((tokens, cached), (score.GetProperty("tokens").GetInt32(), foretold));

            messages.Add(new { role = "assistant", content = answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString() });
            // The engine's announcements of this turn are in before the next one is foretold.
            await Eventually.TrueAsync(async () => (await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, messages = messages.SkipLast(1) }))
                .GetProperty("matches").EnumerateArray().Any(match => match.GetProperty("blocks").GetInt32() == tokens / 16));
        }

        return (tokens, tokenized);
    }

    private static string Story(string sentence, int times) => string.Join(' ', Enumerable.Range(0, times).Select(i => $"{sentence} for the time {i}."));
}
