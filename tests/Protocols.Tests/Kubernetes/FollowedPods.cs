using System.Collections.Concurrent;
using LlmdAspire.Protocols.Kubernetes;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;

namespace LlmdAspire.Protocols.Tests.Kubernetes;

/// <summary>A watch of the pods in namespace <c>n</c>, of each of which the label <c>v</c> is kept; and every state that it told.</summary>
internal sealed class FollowedPods : IAsyncDisposable
{
    public static readonly ResourceWatchOptions Impatient = new() { FirstDelay = TimeSpan.FromMilliseconds(5), LongestDelay = TimeSpan.FromMilliseconds(40) };

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ResourceState<string>> _states = new();
    private readonly ApiClient _client;
    private readonly Task _running;

    public FollowedPods(FakeApiServer server, ResourceWatchOptions? options = null, string? labels = null)
        : this(new ApiServer(server.Url, server.Token is null ? null : new ServiceAccount(server.AccountFolder)), options, labels)
    {
    }

    public FollowedPods(ApiServer server, ResourceWatchOptions? options = null, string? labels = null)
    {
        _client = new ApiClient(server);
        var watch = new ResourceWatch<string>(
            _client, new ApiResource("", "v1", "n", "pods") { LabelSelector = labels }, pod => pod.Text("metadata", "labels", "v"), options ?? Impatient, TimeProvider.System, new Random(7));
        _running = watch.RunAsync(_states.Enqueue, _end.Token);
    }

    public IReadOnlyCollection<ResourceState<string>> States => _states;

    public ResourceState<string>? Now => _states.LastOrDefault();

    /// <summary>What there is, as <c>a=1 b=2</c>.</summary>
    public string Text => Now is { IsListed: true } now ? TextOf(now) : "unknown";

    /// <summary>Every text that was told, without those that differ only in whether the server can be followed.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            List<string> texts = [];
            foreach (var text in _states.Where(state => state.IsListed).Select(TextOf).Where(text => texts.LastOrDefault() != text))
            {
                texts.Add(text);
            }

            return texts;
        }
    }

    public Task AreAsync(string text) => Eventually.TrueAsync(() => Text == text, $"pods are {text}");

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _client.Dispose();
        _end.Dispose();
    }

    private static string TextOf(ResourceState<string> state) => string.Join(' ', state.Items.Select(item => $"{item.Key}={item.Value}"));
}

/// <summary>Short ways to change the pods that <see cref="FollowedPods"/> follows.</summary>
internal static class TestPods
{
    public static void Put(this FakeApiServer server, string name, string value, string app = "x") =>
        server.Cluster.Put(ClusterKind.Pod, "n", name, ClusterObjects.Pod("10.0.0.1", new Dictionary<string, string> { ["v"] = value, ["app"] = app }));

    public static void Delete(this FakeApiServer server, string name) => server.Cluster.Delete(ClusterKind.Pod, "n", name);

    /// <summary>Waits until a stream is open, so that what happens now is an event.</summary>
    public static Task IsWatchedAsync(this FakeApiServer server) => Eventually.TrueAsync(() => server.Watches > 0, "a stream is open");
}
