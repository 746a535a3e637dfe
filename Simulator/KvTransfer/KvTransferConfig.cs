using System.Text.Json;

namespace LlmdAspire.Simulator.KvTransfer;

/// <summary>vLLM's <c>--kv-transfer-config</c>: what of it means something here.</summary>
internal sealed record KvTransferConfig
{
    private static readonly string[] s_roles = ["kv_producer", "kv_consumer", "kv_both"];

    public required string Connector { get; init; }

    /// <summary>The engine's id; null to draw one.</summary>
    public string? EngineId { get; private init; }

    /// <summary>Whether a request whose content cannot be fetched fails, instead of being computed again.</summary>
    public bool FailsOnLoss { get; private init; }

    /// <summary>How long content is kept for an engine that does not come.</summary>
    public TimeSpan LeaseDuration { get; private init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads the JSON; keys that mean nothing here are passed over, as connectors have many of their own.</summary>
    /// <returns>What is wrong, as the end of a sentence that begins with the flag; null for nothing.</returns>
    public static string? Read(string text, out KvTransferConfig? config)
    {
        config = null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return "must be a JSON object";
            }

            if (Text(root, "kv_connector") is not { } connector)
            {
                // vLLM takes a configuration without connector as none.
                return null;
            }

            if (!s_roles.Contains(Text(root, "kv_role")))
            {
                return $"must have a kv_role that is one of {string.Join(", ", s_roles)}";
            }

            var policy = Text(root, "kv_load_failure_policy") ?? "recompute";
            if (policy is not ("fail" or "recompute"))
            {
                return "must have a kv_load_failure_policy that is fail or recompute";
            }

            config = new KvTransferConfig { Connector = connector, EngineId = Text(root, "engine_id"), FailsOnLoss = policy == "fail" };
            if (root.TryGetProperty("kv_connector_extra_config", out var extra) && extra.ValueKind == JsonValueKind.Object
                && extra.TryGetProperty("kv_lease_duration", out var seconds))
            {
                if (seconds.GetDouble() is not (> 0 and < 1e6))
                {
                    return "must have a kv_lease_duration above 0";
                }

                config = config with { LeaseDuration = TimeSpan.FromSeconds(seconds.GetDouble()) };
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return $"cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;
}
