using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>A cluster in which a chart is installed, as far as its picker sees it: the pool, and the pods of the engines, each with an address of its own at which something answers.</summary>
internal sealed class ChartCluster : IAsyncDisposable
{
    public const string Namespace = "a-namespace";

    private const int ServingPort = 8000;

    private static int s_clusters;

    // All of 127.0.0.0/8 is this machine. The process id keeps out of the way of other runs.
    private readonly byte[] _network = [127, (byte)(1 + Environment.ProcessId % 250), (byte)Interlocked.Increment(ref s_clusters)];

    private readonly List<ScriptedEngine> _engines = [];

    private ChartCluster(FakeApiServer server) => Server = server;

    public static string? Impossible => OperatingSystem.IsLinux() ? null : "only Linux has all addresses of 127.0.0.0/8";

    public FakeApiServer Server { get; }

    /// <summary>Addresses of the engines with their ports, by the role that their pods have.</summary>
    public ILookup<string, string> Engines { get; private set; } = Array.Empty<string>().ToLookup(role => role);

    /// <summary>An address at which nothing listens yet.</summary>
    public string PickerAddress => AddressOf(250).ToString();

    public static async Task<ChartCluster> InstallAsync(PublishedChart chart)
    {
        var cluster = new ChartCluster(await FakeApiServer.StartAsync(tls: true));
        foreach (var pool in chart.Objects.Where(found => found.Kind == "InferencePool"))
        {
            cluster.Server.Cluster.Put(ClusterKind.All.Single(kind => kind.ApiVersion == pool.ApiVersion && kind.Name == pool.Kind), Namespace, pool.Name, (JsonObject)JsonOf(pool.Root)!);
        }

        List<(string Role, string Address)> engines = [];
        foreach (var workload in chart.Objects.Where(found => found.Kind == "Deployment"))
        {
            var labels = workload.Pod!.TextEntries("metadata", "labels");
            for (var replica = 0; replica < int.Parse(workload.Root.Text("spec", "replicas")!, System.Globalization.CultureInfo.InvariantCulture); replica++)
            {
                var address = cluster.AddressOf(1 + engines.Count);
                if (labels.TryGetValue("llm-d.ai/role", out var role))
                {
                    cluster._engines.Add(await ScriptedEngine.StartAsync(port: ServingPort, address: address));
                    engines.Add((role, $"{address}:{ServingPort}"));
                }

                // The other pods are there too, and must be left alone.
                cluster.Server.Cluster.Put(ClusterKind.Pod, Namespace, $"{workload.Name}-{replica}", ClusterObjects.Pod(address.ToString(), labels));
            }
        }

        cluster.Engines = engines.ToLookup(engine => engine.Role, engine => engine.Address);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines)
        {
            await engine.DisposeAsync();
        }

        await Server.DisposeAsync();
    }

    private IPAddress AddressOf(int number) => new([.. _network, (byte)number]);

    private static JsonNode? JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, JsonOf(child.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(JsonOf)]),
        _ when Yaml.TypeOf(node) is "string" => ((YamlScalarNode)node).Value,
        _ => JsonNode.Parse(((YamlScalarNode)node).Value!),
    };
}
