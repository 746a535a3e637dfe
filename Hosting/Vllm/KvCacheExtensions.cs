using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What engines tell others about their KV cache, and how they hand it over.</summary>
public static class KvCacheExtensions
{
    internal const int DefaultEventsPort = 5557;
    internal const int DefaultReplayPort = 5657;

    // Blocks hash alike in every engine only from the same seed.
    private const string HashSeedVariable = "PYTHONHASHSEED";
    private const string HashSeed = "0";

    /// <summary>Publishes KV-cache events over ZMQ, with replay, so that an index knows what this engine holds.</summary>
    /// <param name="builder">The engine.</param>
    /// <param name="port">Port of rank 0's events; further ranks add to it. When absent, 5557, in a run the first free one from there on.</param>
    /// <param name="replayPort">Port of rank 0's replay; further ranks add to it. When absent, 5657, in a run the first free one from there on.</param>
    public static IResourceBuilder<VllmResource> WithKvEvents(this IResourceBuilder<VllmResource> builder, int? port = null, int? replayPort = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        var events = port ?? builder.ApplicationBuilder.UsualPort(DefaultEventsPort, builder.Resource.Ranks);
        var replay = replayPort ?? builder.ApplicationBuilder.UsualPort(DefaultReplayPort, builder.Resource.Ranks);
        return builder
            .WithEndpoint(port: events, targetPort: events, scheme: "tcp", name: VllmResource.KvEventsEndpointName, isProxied: false)
            .OnLoopback(VllmResource.KvEventsEndpointName)
            .WithEndpoint(port: replay, targetPort: replay, scheme: "tcp", name: VllmResource.KvReplayEndpointName, isProxied: false)
            .OnLoopback(VllmResource.KvReplayEndpointName)
            .WithArgs("--kv-events-config", EventsConfiguration(events, replay))
            .WithEnvironment(HashSeedVariable, HashSeed);
    }

    /// <summary>Publishes KV-cache events to an index that engines connect to, so that it need not know where they are.</summary>
    /// <param name="builder">The engine.</param>
    /// <param name="index">Where the index listens, for example <c>tcp://kv-indexer:5557</c>.</param>
    /// <param name="name">The engine as pickers know it: host and port, in which <c>$(POD_IP)</c> may stand for a pod's address.</param>
    public static IResourceBuilder<VllmResource> WithKvEventsTo(this IResourceBuilder<VllmResource> builder, string index, string name)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(index);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);

        return builder
            .WithArgs("--kv-events-config", JsonSerializer.Serialize(new Dictionary<string, object>
            {
                ["enable_kv_cache_events"] = true,
                ["publisher"] = "zmq",
                ["endpoint"] = index,
                ["topic"] = $"kv@{name}@{builder.Resource.Model}",
            }))
            .WithEnvironment(HashSeedVariable, HashSeed);
    }

    /// <summary>Makes this engine one half of a disaggregated pair: it hands its KV cache to decode engines, or fetches it from prefill engines.</summary>
    public static IResourceBuilder<VllmResource> WithRole(this IResourceBuilder<VllmResource> builder, EngineRole role)
    {
        ArgumentNullException.ThrowIfNull(builder);

        builder.WithAnnotation(new EngineRoleAnnotation(role), ResourceAnnotationMutationBehavior.Replace);
        return role is EngineRole.Both
            ? builder
            : builder.WithArgs("--kv-transfer-config", """{"kv_connector":"NixlConnector","kv_role":"kv_both"}""");
    }

    // vLLM binds an address that holds a star and connects to any other, hence the star; the port is what the endpoint says.
    private static string EventsConfiguration(int port, int replayPort) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["enable_kv_cache_events"] = true,
        ["publisher"] = "zmq",
        ["endpoint"] = string.Create(CultureInfo.InvariantCulture, $"tcp://*:{port}"),
        ["replay_endpoint"] = string.Create(CultureInfo.InvariantCulture, $"tcp://*:{replayPort}"),
    });
}
