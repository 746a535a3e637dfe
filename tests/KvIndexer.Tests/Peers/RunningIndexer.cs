using System.Text.Json;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.KvIndexer.Subscriptions;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>A KvIndexer on a real socket in this process, with its API.</summary>
internal sealed class RunningIndexer : IndexerApi, IAsyncDisposable
{
    public const string Model = "test-model";

    private readonly RunningService _service;

    private RunningIndexer(RunningService service)
        : base(service.Url) => _service = service;

    public Uri Url => _service.Url;

    /// <summary>Addresses of <c>--bind</c> with their real ports.</summary>
    public IReadOnlyList<string> Bound => _service.Services.GetRequiredService<EventLines>().Bound;

    public static async Task<RunningIndexer> StartAsync(params string[] args) =>
        new(await new KvIndexerService().StartAsync(["--port", "0", "--log-level", "error", .. args]));

    /// <summary>Follows one engine whose model is <see cref="Model"/>.</summary>
    public static Task<RunningIndexer> FollowAsync(EventPublisher publisher, string url = "http://127.0.0.1:1", params string[] args) =>
        StartAsync(["--engine", $"{url},events={publisher.Events}{(publisher.Replay.Length > 0 ? ",replay=" + publisher.Replay : "")},model={Model}", .. args]);

    /// <summary>The tokens that a score would be computed from; what <c>/v1/score</c> answers is their number only.</summary>
    public async Task<int[]> TokensAsync(object body)
    {
        var request = ScoreRequest.Read(JsonSerializer.SerializeToUtf8Bytes(body), out var mistake);
        Assert.Null(mistake);
        var (tokens, error) = await _service.Services.GetRequiredService<PromptTokens>().FindAsync(request!, CancellationToken.None);
        Assert.Null(error);
        return tokens!;
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _service.DisposeAsync();
    }
}
