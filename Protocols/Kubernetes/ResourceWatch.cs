using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>Follows the objects of one kind: lists them, watches what happens since, for as long as it runs.</summary>
/// <typeparam name="T">What is kept of an object; two that are equal are no change.</typeparam>
/// <remarks>
/// A stream that ends is taken up where it was, by the version of the last event or bookmark. When the server no longer remembers that version, everything
/// is listed anew, and the difference is one change. So each state that is told is one that the server was in, and none is told twice.
/// An object of the same name is the same object. Used by one loop at a time.
/// </remarks>
/// <param name="read">What to keep of an object; null for one that does not count, as if it were not there.</param>
public sealed class ResourceWatch<T>(ApiClient client, ApiResource resource, Func<JsonElement, T?> read, ResourceWatchOptions options, TimeProvider clock, Random random)
    where T : class
{
    private static readonly TimeSpan s_longestRetryAfter = TimeSpan.FromMinutes(1);

    // What the server may be late in ending a stream, before the connection counts as dead.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    private ResourceState<T> _state = new(ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal), IsListed: false, Fault: null);
    private Action<ResourceState<T>> _changed = _ => { };

    // Null when there is nothing to take up from.
    private string? _version;
    private bool _hadEvent;

    /// <summary>Runs until cancelled.</summary>
    /// <param name="changed">Told each new state, one after the other.</param>
    public async Task RunAsync(Action<ResourceState<T>> changed, CancellationToken cancellationToken)
    {
        _changed = changed;
        var failures = 0;
        while (true)
        {
            var began = clock.GetTimestamp();
            TimeSpan? retryAfter = null;
            var isCalm = true;
            _hadEvent = false;
            try
            {
                if (_version is null)
                {
                    await ListAsync(cancellationToken);
                }

                await WatchAsync(cancellationToken);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (ApiException e) when (e.IsGone)
            {
                (isCalm, _version) = (false, null);
            }
            catch (Exception e)
            {
                isCalm = false;
                retryAfter = (e as ApiException)?.RetryAfter;
                if (!CanBeTakenUp(e))
                {
                    _version = null;
                }

                Tell(_state with { Fault = Describe(e) });
            }

            // A stream that ends at once, again and again, must not become a storm either.
            var lasted = clock.GetElapsedTime(began) > options.LongestDelay;
            failures = isCalm && (_hadEvent || lasted) ? 0 : (lasted ? 0 : failures) + 1;
            await WaitAsync(failures, retryAfter, cancellationToken);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var items = _state.Items.Clear().ToBuilder();
        var limit = options.PageSize;
        string? next = null;
        while (true)
        {
            try
            {
                using var page = await client.GetAsync(resource.ListPath(limit, next), cancellationToken);
                foreach (var item in page.RootElement.Items("items"))
                {
                    if (read(item) is { } kept)
                    {
                        items[NameOf(item)] = kept;
                    }
                }

                // Each page has the version of the first one.
                var version = VersionOf(page.RootElement);
                next = page.RootElement.Text("metadata", "continue");
                if (string.IsNullOrEmpty(next))
                {
                    _version = version;
                    Tell(_state with { Items = items.ToImmutable(), IsListed = true });
                    return;
                }
            }
            catch (ApiException e) when (e.IsGone && next is not null)
            {
                // Too slow for the server's memory; then all at once.
                items.Clear();
                (next, limit) = (null, 0);
            }
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var seconds = (int)(options.StreamTime.TotalSeconds * (1 + random.NextDouble()));
        using var response = await client.OpenAsync(resource.WatchPath(_version!, seconds), cancellationToken);
        Tell(_state with { Fault = null });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds) + s_grace, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(end.Token);
            await foreach (var line in WatchLines.ReadAsync(stream, options.MaxEventBytes, end.Token))
            {
                Apply(line);
                _hadEvent = true;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException || limit.IsCancellationRequested)
        {
            // Cut off, which proxies do: not worth a word, unless the next attempt fails too.
        }
    }

    private void Apply(ReadOnlySequence<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.Text("type");
        if (document.RootElement.At("object") is not { ValueKind: JsonValueKind.Object } target)
        {
            throw new InvalidDataException("an event has no object");
        }

        if (type == "ERROR")
        {
            throw ApiException.Of(target);
        }

        // Read first: an event counts as a whole or not at all.
        var version = VersionOf(target);
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                Put(NameOf(target), read(target));
                break;
            case "DELETED":
                Put(NameOf(target), null);
                break;
        }

        _version = version;
    }

    private void Put(string name, T? item)
    {
        var items = item is null ? _state.Items.Remove(name) : _state.Items.SetItem(name, item);
        Tell(_state with { Items = items });
    }

    private void Tell(ResourceState<T> next)
    {
        var isNew = next.IsListed != _state.IsListed || next.Fault != _state.Fault
            || (!ReferenceEquals(next.Items, _state.Items) && !next.Items.SequenceEqual(_state.Items));
        _state = next;
        if (isNew)
        {
            _changed(next);
        }
    }

    private async Task WaitAsync(int failures, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var wait = failures == 0 ? TimeSpan.Zero : RetryDelay.After(failures - 1, options.FirstDelay, options.LongestDelay, random.NextDouble());
        if (retryAfter > wait)
        {
            wait = retryAfter < s_longestRetryAfter ? retryAfter.Value : s_longestRetryAfter;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    // A server that is away or busy knows the version once it is back; one that says no to it, or whose events cannot be read, is asked for everything.
    private static bool CanBeTakenUp(Exception e) => e is ApiException { IsPassing: true } or HttpRequestException or IOException or OperationCanceledException or UnauthorizedAccessException;

    private static string Describe(Exception e) => e switch
    {
        OperationCanceledException => "no answer in time",
        // The outer message only says that there is an inner one.
        HttpRequestException { InnerException: System.Security.Authentication.AuthenticationException inner } => (inner.InnerException ?? inner).Message.ReplaceLineEndings(" "),
        _ => e.Message.ReplaceLineEndings(" "),
    };

    private static string NameOf(JsonElement item) => item.Text("metadata", "name") ?? throw new InvalidDataException("an object has no name");

    private static string VersionOf(JsonElement item) => item.Text("metadata", "resourceVersion") ?? throw new InvalidDataException("an object or list has no resourceVersion");
}
