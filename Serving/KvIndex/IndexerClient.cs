using System.Net.Http.Headers;
using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Serving.KvIndex;

/// <summary>Asks the KvIndexer who holds how much of a prompt, within a deadline. Thread-safe.</summary>
/// <remarks>
/// An answer later than the deadline is still awaited in the background, so that the indexer's own caches get warm; so many of these at most.
/// An indexer that cannot be reached is left alone for a moment, so that requests do not all wait for it.
/// </remarks>
public sealed class IndexerClient(HttpClient client, Uri url, LookupDeadlines deadlines, TimeProvider clock)
{
    private const int MaxUnderWay = 256;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private readonly Uri _score = new(url.AbsoluteUri.TrimEnd('/') + "/v1/score");
    private long _failedAt = long.MinValue;
    private int _underWay;

    /// <summary>The handler for its HTTP client.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        ConnectCallback = HttpDial.OpenAsync,
    };

    /// <summary>Asks; never throws but for cancellation.</summary>
    /// <returns>The answer, or in one word why there is none: <c>prompt</c> (none that the index could count), <c>unavailable</c>, <c>busy</c>, <c>timeout</c> or <c>error</c>.</returns>
    public async ValueTask<(ScoreReply? Reply, string? Failure)> AskAsync(ScoreQuestion question, CancellationToken cancellationToken)
    {
        if (!question.CanBeAsked)
        {
            return (null, "prompt");
        }

        if (Volatile.Read(ref _failedAt) is var failed && failed != long.MinValue && clock.GetElapsedTime(failed) < s_pause)
        {
            return (null, "unavailable");
        }

        if (Interlocked.Increment(ref _underWay) > MaxUnderWay)
        {
            _ = Interlocked.Decrement(ref _underWay);
            return (null, "busy");
        }

        var asked = SendAsync(question.ToBody());
        try
        {
            return await asked.WaitAsync(deadlines.For(question), clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return (null, "timeout");
        }
    }

    private async Task<(ScoreReply? Reply, string? Failure)> SendAsync(ReadOnlyMemory<byte> body)
    {
        var asked = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(s_longest, clock);
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync(_score, content, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                return (null, "error");
            }

            var reply = ScoreReply.Read(await response.Content.ReadAsByteArrayAsync(limit.Token));
            Volatile.Write(ref _failedAt, long.MinValue);
            return reply is null ? (null, "error") : (reply with { Took = clock.GetElapsedTime(asked) }, null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            Volatile.Write(ref _failedAt, clock.GetTimestamp());
            return (null, "unavailable");
        }
        finally
        {
            _ = Interlocked.Decrement(ref _underWay);
        }
    }
}
