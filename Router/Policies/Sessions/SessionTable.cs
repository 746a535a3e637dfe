using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Sessions;

/// <summary>Which session is bound to which worker. Not thread-safe.</summary>
/// <remarks>Bounded: a session that was idle for too long is released, and beyond the capacity the one longest idle. A session takes half a kilobyte at most.</remarks>
internal sealed class SessionTable(TimeSpan expiry, int capacity, TimeProvider time)
{
    // Ids come from clients; longer ones are kept as a digest.
    private const int LongestId = 128;

    private readonly Dictionary<string, LinkedListNode<Session>> _sessions = [];
    private readonly LinkedList<Session> _byUse = [];
    private readonly Dictionary<Worker, int> _counts = [];

    public IReadOnlyDictionary<Worker, int> Counts => _counts;

    public int CountOn(Worker worker) => _counts.GetValueOrDefault(worker);

    public bool TryFind(string id, [NotNullWhen(true)] out Worker? worker)
    {
        worker = _sessions.TryGetValue(KeyOf(id), out var node) && !IsIdle(node.Value) ? node.Value.Worker : null;
        return worker is not null;
    }

    /// <summary>Binds a session, or keeps it bound, and counts it as used now.</summary>
    public void Bind(string id, Worker worker)
    {
        var key = KeyOf(id);
        if (_sessions.TryGetValue(key, out var node) && node.Value.Worker == worker)
        {
            node.Value.UsedAt = time.GetTimestamp();
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return;
        }

        if (node is not null)
        {
            Release(node);
        }
        else if (_sessions.Count >= capacity)
        {
            Release(_byUse.First!);
        }

        _sessions.Add(key, _byUse.AddLast(new Session(key, worker) { UsedAt = time.GetTimestamp() }));
        _counts[worker] = CountOn(worker) + 1;
    }

    /// <returns>Whether there was such a session.</returns>
    public bool Release(string id)
    {
        var found = _sessions.TryGetValue(KeyOf(id), out var node);
        if (found)
        {
            Release(node!);
        }

        return found;
    }

    /// <summary>Releases sessions that were idle for too long.</summary>
    public void ReleaseIdle()
    {
        while (_byUse.First is { } oldest && IsIdle(oldest.Value))
        {
            Release(oldest);
        }
    }

    /// <summary>Releases the sessions of workers that are no longer there.</summary>
    public void ReleaseRemoved()
    {
        for (var node = _byUse.First; node is not null;)
        {
            var next = node.Next;
            if (node.Value.Worker.Removed)
            {
                Release(node);
            }

            node = next;
        }
    }

    private bool IsIdle(Session session) => time.GetElapsedTime(session.UsedAt) >= expiry;

    private void Release(LinkedListNode<Session> node)
    {
        var worker = node.Value.Worker;
        _byUse.Remove(node);
        _ = _sessions.Remove(node.Value.Key);
        if (--_counts[worker] == 0)
        {
            _ = _counts.Remove(worker);
        }
    }

    private static string KeyOf(string id) => id.Length <= LongestId ? id : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    private sealed class Session(string key, Worker worker)
    {
        public string Key => key;

        public Worker Worker => worker;

        public long UsedAt { get; set; }
    }
}
