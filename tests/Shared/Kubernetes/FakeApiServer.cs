using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>A Kubernetes API server on a real socket, as far as listing and watching go, which misbehaves when told to.</summary>
/// <remarks>kubectl, which shares no code with it, can list and watch there; a test says so.</remarks>
public sealed class FakeApiServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private readonly ConcurrentDictionary<WatchSession, bool> _watches = new();
    private readonly ConcurrentDictionary<long, IReadOnlyList<JsonObject>> _snapshots = new();
    private readonly TestAuthority? _authority;
    private readonly DirectoryInfo? _account;
    private WebApplication? _app;
    private int _port;

    private FakeApiServer(TestAuthority? authority, string token)
    {
        _authority = authority;
        if (authority is not null)
        {
            _account = Directory.CreateTempSubdirectory("llmd-account-");
            File.WriteAllText(Path.Combine(_account.FullName, "ca.crt"), authority.Pem);
            ChangeToken(token);
        }
    }

    /// <summary>Base URL; stays the same when the server is started again.</summary>
    public Uri Url => new($"{(_authority is null ? "http" : "https")}://127.0.0.1:{_port}");

    public ClusterState Cluster { get; } = new();

    /// <summary>The folder that a pod would find at <c>/var/run/secrets/kubernetes.io/serviceaccount</c>; with TLS only.</summary>
    public string AccountFolder => _account?.FullName ?? throw new InvalidOperationException("There is no account without TLS.");

    /// <summary>The token that callers must have; null lets anybody in.</summary>
    public string? Token { get; private set; }

    /// <summary>Every request for objects, oldest first.</summary>
    public IReadOnlyCollection<ApiCall> Calls => _calls;

    /// <summary>Streams that are open.</summary>
    public int Watches => _watches.Count;

    /// <summary>Answers in the place of the server when it returns a status.</summary>
    public Func<ApiCall, int?> Refuses { get; set; } = _ => null;

    /// <summary>Called before each page of a list is made.</summary>
    public Action<ApiCall> OnList { get; set; } = _ => { };

    /// <summary>Whether a forgotten version is told by the status of the answer instead of an event, as API servers do one or the other.</summary>
    public bool SaysGoneByStatus { get; set; }

    /// <summary>Bytes that a stream sends at once; 0 for whole events.</summary>
    public int PieceBytes { get; set; }

    public static async Task<FakeApiServer> StartAsync(bool tls = false)
    {
        var server = new FakeApiServer(tls ? new TestAuthority() : null, token: "first-token");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Replaces the token, in the folder and in what is accepted, as time does in a cluster.</summary>
    public void ChangeToken(string token)
    {
        File.WriteAllText(Path.Combine(AccountFolder, "token"), token + "\n");
        Token = token;
    }

    /// <summary>Ends every connection and closes the port; what the cluster holds stays.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            foreach (var watch in _watches.Keys)
            {
                watch.Break();
            }

            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    /// <summary>Listens, on the port of before if there was one.</summary>
    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _ = builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen =>
        {
            if (_authority is not null)
            {
                _ = listen.UseHttps(_authority.Server);
            }
        }));
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        _port = new Uri(app.Urls.First()).Port;
        _app = app;
    }

    /// <summary>Tells every stream that allows it how far it is.</summary>
    public void Bookmark()
    {
        foreach (var watch in _watches.Keys)
        {
            watch.Bookmark();
        }
    }

    /// <summary>Ends every stream after some last bytes, as API servers and what stands before them do all the time.</summary>
    public void EndWatches(string lastBytes = "")
    {
        foreach (var watch in _watches.Keys)
        {
            watch.End(lastBytes);
        }
    }

    /// <summary>Breaks the connection of every stream.</summary>
    public void BreakWatches()
    {
        foreach (var watch in _watches.Keys)
        {
            watch.Break();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _account?.Delete(recursive: true);
        _authority?.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            await RefuseAsync(context, 401, "Unauthorized", "Unauthorized");
            return;
        }

        if (ApiDiscovery.Answer(context.Request.Path) is { } discovery)
        {
            await WriteAsync(context, discovery);
            return;
        }

        if (ReadCall(context.Request) is not var (kind, call))
        {
            await RefuseAsync(context, 404, "NotFound", "the server could not find the requested resource");
            return;
        }

        _calls.Enqueue(call);
        if (Refuses(call) is { } status)
        {
            await RefuseAsync(context, status, "Refused", $"{call.Resource} is refused by the test");
        }
        else if (call.Verb == "watch")
        {
            await WatchAsync(context, kind, call);
        }
        else
        {
            await ListAsync(context, kind, call);
        }
    }

    private static (ClusterKind Kind, ApiCall Call)? ReadCall(HttpRequest request)
    {
        foreach (var kind in ClusterKind.All)
        {
            var root = kind.Group.Length == 0 ? $"/api/{kind.Version}/namespaces/" : $"/apis/{kind.ApiVersion}/namespaces/";
            if (request.Path.Value!.StartsWith(root, StringComparison.Ordinal)
                && request.Path.Value[root.Length..].Split('/') is [var @namespace, var plural] && plural == kind.Plural)
            {
                var query = request.Query.ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
                var watches = query.GetValueOrDefault("watch") is "true" or "1";
                return (kind, new ApiCall(watches ? "watch" : "list", kind.Group, kind.Plural, @namespace, query));
            }
        }

        return null;
    }

    private async Task ListAsync(HttpContext context, ClusterKind kind, ApiCall call)
    {
        OnList(call);
        var (items, version) = Cluster.List(kind, call.Namespace);
        var after = "";
        if (call["continue"] is { Length: > 0 } token)
        {
            // Later pages are of the same moment as the first.
            var parts = token.Split('~');
            (version, after) = (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
            items = [.. _snapshots[version].Select(item => (JsonObject)item.DeepClone())];
            if (Cluster.Since(version) is null)
            {
                await RefuseAsync(context, 410, "Expired", "The provided continue parameter is too old to display a consistent list result.");
                return;
            }
        }

        var selector = new ObjectSelector(call["labelSelector"], call["fieldSelector"]);
        var left = items.Where(item => selector.Matches(item) && string.CompareOrdinal(item["metadata"]!["name"]!.GetValue<string>(), after) > 0).ToList();
        var limit = int.TryParse(call["limit"], out var given) && given > 0 ? given : int.MaxValue;
        var page = left.Take(limit).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = ClusterState.Text(version) };
        if (left.Count > page.Count)
        {
            _ = _snapshots.TryAdd(version, [.. items.Select(item => (JsonObject)item.DeepClone())]);
            metadata["continue"] = $"{version}~{page[^1]["metadata"]!["name"]!.GetValue<string>()}";
            metadata["remainingItemCount"] = left.Count - page.Count;
        }

        foreach (var item in page)
        {
            // Within lists the items do not say what they are.
            _ = item.Remove("apiVersion");
            _ = item.Remove("kind");
        }

        await WriteAsync(context, new JsonObject
        {
            ["kind"] = kind.Name + "List",
            ["apiVersion"] = kind.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. page]),
        });
    }

    private async Task WatchAsync(HttpContext context, ClusterKind kind, ApiCall call)
    {
        // Without a version: from now on, after what there is.
        var isFresh = call["resourceVersion"] is null or "" or "0";
        var version = isFresh ? 0 : long.Parse(call["resourceVersion"]!, CultureInfo.InvariantCulture);
        if (!isFresh && SaysGoneByStatus && Cluster.Since(version) is null)
        {
            await RefuseAsync(context, 410, "Expired", $"too old resource version: {version}");
            return;
        }

        var watch = new WatchSession(Cluster, kind, call, PieceBytes);
        _watches[watch] = true;
        try
        {
            await watch.RunAsync(context, isFresh ? null : version);
        }
        finally
        {
            _ = _watches.TryRemove(watch, out _);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason, string message) => WriteAsync(context, StatusOf(status, reason, message), status);

    internal static JsonObject StatusOf(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    };

    private static Task WriteAsync(HttpContext context, JsonObject body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body.ToJsonString())).AsTask();
    }
}
