using System.Collections.Concurrent;

namespace LlmdAspire.Router.Authentication;

/// <summary>Remembers what validation servers said of clients' keys, by their hashes and for a while only.</summary>
/// <remarks>Thread-safe. Requests that bring the same new key at the same time ask once.</remarks>
internal sealed class ClientKeys(Func<IReadOnlyList<Uri>, string, Task<KeyVerdict>> ask, TimeProvider time)
{
    // About 150 bytes each.
    internal const int MaxKeys = 10_000;

    private readonly ConcurrentDictionary<KeyHash, Entry> _known = new();
    private volatile IReadOnlyList<Uri> _urls = [];

    /// <summary>Who is asked; with nobody to ask no key is needed.</summary>
    public IReadOnlyList<Uri> Urls
    {
        get => _urls;
        set
        {
            if (!_urls.SequenceEqual(value))
            {
                _urls = value;
                _known.Clear();
            }
        }
    }

    internal int Count => _known.Count;

    public async ValueTask<KeyVerdict> CheckAsync(string key)
    {
        var hash = KeyHash.Of(key);
        if (_known.TryGetValue(hash, out var entry) && !entry.IsOver(time))
        {
            return await entry.Verdict;
        }

        if (entry is not null)
        {
            _ = _known.TryRemove(KeyValuePair.Create(hash, entry));
        }
        else if (_known.Count >= MaxKeys)
        {
            MakeRoom();
        }

        return await _known.GetOrAdd(hash, _ => new Entry(() => ask(_urls, key), time)).Verdict;
    }

    // Forgetting costs a question each, and only somebody who sends thousands of keys within a minute gets here.
    private void MakeRoom()
    {
        foreach (var (hash, entry) in _known)
        {
            if (entry.IsOver(time))
            {
                _ = _known.TryRemove(KeyValuePair.Create(hash, entry));
            }
        }

        if (_known.Count >= MaxKeys)
        {
            _known.Clear();
        }
    }

    private sealed class Entry
    {
        private readonly Lazy<Task<KeyVerdict>> _asking;
        private volatile Answer? _answer;

        public Entry(Func<Task<KeyVerdict>> ask, TimeProvider time) => _asking = new(() => AskAsync(ask, time));

        public Task<KeyVerdict> Verdict => _asking.Value;

        public bool IsOver(TimeProvider time) => _answer is { } answer && time.GetElapsedTime(answer.At) >= answer.KeptFor;

        private async Task<KeyVerdict> AskAsync(Func<Task<KeyVerdict>> ask, TimeProvider time)
        {
            var verdict = KeyVerdict.Unknown;
            try
            {
                return verdict = await ask();
            }
            finally
            {
                _answer = new(time.GetTimestamp(), KeptFor(verdict));
            }
        }

        private static TimeSpan KeptFor(KeyVerdict verdict) => verdict switch
        {
            // A key that is taken back works for so long.
            KeyVerdict.Valid => TimeSpan.FromSeconds(60),
            // A new key that was tried too early.
            KeyVerdict.Invalid => TimeSpan.FromSeconds(30),
            // Long enough to keep waiting requests from asking one after the other.
            _ => TimeSpan.FromSeconds(1),
        };

        private sealed record Answer(long At, TimeSpan KeptFor);
    }
}
