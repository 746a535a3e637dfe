using System.Globalization;
using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>The objects of a cluster and what happened to them, as etcd keeps it. Thread-safe.</summary>
public sealed class ClusterState
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (ClusterKind Kind, JsonObject Object)> _objects = new(StringComparer.Ordinal);
    private readonly List<ClusterChange> _history = [];
    private TaskCompletionSource _next = NewChange();
    private long _version = 1000;
    private long _forgotten = 1000;

    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>Completes with the next change; take it before reading, so that none is missed.</summary>
    public Task NextChange => Volatile.Read(ref _next).Task;

    /// <summary>Creates an object or replaces it.</summary>
    public void Put(ClusterKind kind, string @namespace, string name, JsonObject content)
    {
        lock (_gate)
        {
            // A copy, which nobody changes any more.
            content = (JsonObject)content.DeepClone();
            var metadata = content["metadata"] as JsonObject ?? [];
            content["metadata"] = metadata;
            (metadata["name"], metadata["namespace"]) = (name, @namespace);
            (content["apiVersion"], content["kind"]) = (kind.ApiVersion, kind.Name);
            var key = KeyOf(kind, @namespace, name);
            var before = _objects.GetValueOrDefault(key).Object;
            metadata["resourceVersion"] = Text(++_version);
            _objects[key] = (kind, content);
            Note(new ClusterChange(_version, kind, @namespace, before, content));
        }
    }

    public void Delete(ClusterKind kind, string @namespace, string name)
    {
        lock (_gate)
        {
            if (_objects.Remove(KeyOf(kind, @namespace, name), out var before))
            {
                Note(new ClusterChange(++_version, kind, @namespace, before.Object, null));
            }
        }
    }

    /// <summary>Forgets what happened so far: who has not heard of it must list anew.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            // Also a change of something else, so that who is up to date now is out of date, too.
            _forgotten = ++_version;
            _history.Clear();
        }
    }

    /// <summary>The objects of a kind in a namespace, by name, and the version at which this is so.</summary>
    public (IReadOnlyList<JsonObject> Items, long Version) List(ClusterKind kind, string @namespace)
    {
        lock (_gate)
        {
            var prefix = KeyOf(kind, @namespace, "");
            return ([.. _objects.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => (JsonObject)pair.Value.Object.DeepClone())], _version);
        }
    }

    /// <summary>What happened since a version; null when that is forgotten.</summary>
    public IReadOnlyList<ClusterChange>? Since(long version)
    {
        lock (_gate)
        {
            return version < _forgotten ? null : [.. _history.Where(change => change.Version > version)];
        }
    }

    internal static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private void Note(ClusterChange change)
    {
        _history.Add(change);
        Interlocked.Exchange(ref _next, NewChange()).SetResult();
    }

    private static string KeyOf(ClusterKind kind, string @namespace, string name) => $"{kind.ApiVersion}/{kind.Plural}/{@namespace}/{name}";

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>One change: created without a before, deleted without an after.</summary>
public sealed record ClusterChange(long Version, ClusterKind Kind, string Namespace, JsonObject? Before, JsonObject? After);
