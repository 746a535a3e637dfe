using System.Globalization;
using System.Net.Sockets;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Simulator.CommandLine;

namespace LlmdAspire.Simulator.KvEvents;

/// <summary>Opens the publisher of one rank where the flags say.</summary>
internal static class RankEvents
{
    // vLLM's switch between numbers and whole digests; numbers by default.
    private const string IntegerHashes = "VLLM_KV_EVENTS_USE_INT_BLOCK_HASHES";

    /// <param name="engine">Which engine of the process; each takes as many ports as it has ranks.</param>
    /// <param name="loraId">The number of an adapter.</param>
    /// <exception cref="UsageException">A port is in use or an address cannot be used.</exception>
    public static KvEventPublisher Open(SimulatorFlags flags, int engine, int rank, TimeProvider time, ILogger logger, Func<string, int?> loraId)
    {
        var offset = (engine * flags.DataParallelSize) + rank;
        var config = flags.KvEvents;
        try
        {
            var publisher = KvEventPublisher.Open(config, TopicOf(config.Topic, flags.Port, engine), flags.KvEventsFormat, rank, offset, time, logger);
            publisher.LoraId = loraId;
            publisher.UsesDigests = Environment.GetEnvironmentVariable(IntegerHashes) is "0";
            KvEventLog.Publishing(logger, rank, publisher.Endpoint, publisher.ReplayEndpoint ?? "none");
            return publisher;
        }
        catch (Exception e) when (e is SocketException or FormatException)
        {
            var addresses = string.Join(" and ", new[] { config.Endpoint, config.ReplayEndpoint }.OfType<string>().Select(address => EventAddress.Of(address, offset)));
            throw new UsageException($"{config.Flag}: rank {rank} cannot use {addresses}: {e.Message.TrimEnd('.')}. Free the port or choose other ones.");
        }
    }

    /// <summary>A topic that names the engine by its port, as <c>kv@host:8000@model</c> does, names the port of each engine of the process.</summary>
    internal static string TopicOf(string topic, int port, int engine) =>
        topic.Replace(
            string.Create(CultureInfo.InvariantCulture, $":{port}@"), string.Create(CultureInfo.InvariantCulture, $":{port + engine}@"), StringComparison.Ordinal);
}
