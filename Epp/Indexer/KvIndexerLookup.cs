using System.Net.Http.Headers;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Epp.Indexer;

/// <summary>Asks the KvIndexer who holds how much of a prompt.</summary>
/// <remarks>
/// An answer later than the deadline is still awaited in the background, so that the indexer's own caches get warm; so many of these at most.
/// An indexer that cannot be reached is left alone for a moment, so that requests do not all wait for it.
/// </remarks>
internal sealed class KvIndexerLookup(HttpClient client, Uri url, LookupDeadlines deadlines, EndpointPool pool, EppMetrics metrics, TimeProvider clock) : IPrefixLookup
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "kv-indexer";

    private const int MaxUnderWay = 256;

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    private readonly Uri _score = new(url.AbsoluteUri.TrimEnd('/') + "/v1/score");
    private long _failedAt = long.MinValue;
    private int _underWay;

    public async ValueTask<PrefixLookupResult> FindAsync(SchedulingContext context, CancellationToken cancellationToken)
    {
        if (ScoreRequest.Write(context.Request) is not { } body)
        {
            return new PrefixLookupResult(null, "prompt");
        }

        if (Volatile.Read(ref _failedAt) is var failed && failed != long.MinValue && clock.GetElapsedTime(failed) < s_pause)
        {
            return new PrefixLookupResult(null, "unavailable");
        }

        if (Interlocked.Increment(ref _underWay) > MaxUnderWay)
        {
            _ = Interlocked.Decrement(ref _underWay);
            return new PrefixLookupResult(null, "busy");
        }

        var asked = AskAsync(body);
        try
        {
            return await asked.WaitAsync(deadlines.For(context.Request), clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new PrefixLookupResult(null, "timeout");
        }
    }

    public void FellBack(string reason) => metrics.FellBack(reason);

    private async Task<PrefixLookupResult> AskAsync(byte[] body)
    {
        var asked = clock.GetTimestamp();
        using var limit = new CancellationTokenSource(s_longest, clock);
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync(_score, content, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                return new PrefixLookupResult(null, "error");
            }

            var matches = ScoreReply.Read(await response.Content.ReadAsByteArrayAsync(limit.Token), pool.All, clock.GetElapsedTime(asked));
            Volatile.Write(ref _failedAt, long.MinValue);
            return new PrefixLookupResult(matches, matches is null ? "error" : null);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            Volatile.Write(ref _failedAt, clock.GetTimestamp());
            return new PrefixLookupResult(null, "unavailable");
        }
        finally
        {
            _ = Interlocked.Decrement(ref _underWay);
        }
    }
}
