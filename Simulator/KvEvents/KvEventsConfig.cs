using System.Text.Json;

namespace LlmdAspire.Simulator.KvEvents;

/// <summary>vLLM's <c>--kv-events-config</c>, with its keys and defaults.</summary>
internal sealed record KvEventsConfig
{
    /// <summary>No events.</summary>
    public static KvEventsConfig Off { get; } = new();

    /// <summary>The flag that said so, for mistakes.</summary>
    public string Flag { get; private init; } = "--kv-events-config";

    /// <summary>Whether anything is published.</summary>
    public bool IsOn { get; private init; }

    public string Endpoint { get; private init; } = "tcp://*:5557";

    /// <summary>Where batches can be asked for again; null for nowhere.</summary>
    public string? ReplayEndpoint { get; private init; }

    /// <summary>Batches kept for that.</summary>
    public int BufferSteps { get; private init; } = 10000;

    /// <summary>Batches that wait for one slow subscriber before it loses some.</summary>
    public int HighWaterMark { get; private init; } = 100000;

    public string Topic { get; private init; } = "";

    /// <summary>Events to one address.</summary>
    public static KvEventsConfig To(string endpoint, string? replayEndpoint, int bufferSteps, string topic) =>
        new() { Flag = "--zmq-endpoint", IsOn = true, Endpoint = endpoint, ReplayEndpoint = replayEndpoint, BufferSteps = bufferSteps, Topic = topic };

    /// <summary>Reads the JSON.</summary>
    /// <returns>What is wrong, as the end of a sentence that begins with the flag; null for nothing.</returns>
    public static string? Read(string text, out KvEventsConfig config)
    {
        config = Off;
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return "must be a JSON object";
            }

            var (enabled, publisher) = (false, (string?)null);
            var read = new KvEventsConfig();
            foreach (var key in document.RootElement.EnumerateObject())
            {
                var value = key.Value;
                switch (key.Name)
                {
                    case "enable_kv_cache_events":
                        enabled = value.GetBoolean();
                        break;
                    case "publisher":
                        publisher = value.GetString();
                        break;
                    case "endpoint":
                        read = read with { Endpoint = value.GetString() ?? read.Endpoint };
                        break;
                    case "replay_endpoint":
                        read = read with { ReplayEndpoint = value.GetString() is { Length: > 0 } replay ? replay : null };
                        break;
                    case "buffer_steps":
                        read = read with { BufferSteps = value.GetInt32() };
                        break;
                    case "hwm":
                        read = read with { HighWaterMark = value.GetInt32() };
                        break;
                    case "topic":
                        read = read with { Topic = value.GetString() ?? "" };
                        break;
                    case "max_queue_size":
                        // The queue between vLLM's scheduler and its publisher; here the engine publishes by itself.
                        _ = value.GetInt32();
                        break;
                    default:
                        return $"holds '{key.Name}', which is no key of it; known are enable_kv_cache_events, publisher, endpoint, replay_endpoint, buffer_steps, hwm, max_queue_size and topic";
                }
            }

            config = read with { IsOn = enabled && publisher != "null" };
            return FindMistake(read, publisher);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return $"cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }
    }

    private static string? FindMistake(KvEventsConfig read, string? publisher)
    {
        if (publisher is not (null or "zmq" or "null"))
        {
            return "must have a publisher that is zmq or null";
        }

        if (read.BufferSteps < 1 || read.HighWaterMark < 1)
        {
            return "must have buffer_steps and hwm of at least 1";
        }

        foreach (var address in new[] { read.Endpoint, read.ReplayEndpoint })
        {
            if (address is not null && EventAddress.FindMistake(address) is { } mistake)
            {
                return mistake;
            }
        }

        return null;
    }
}
