using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>Pods, pools and objectives as the API server shows them.</summary>
public static class ClusterObjects
{
    public static JsonObject Pod(string? ip, IReadOnlyDictionary<string, string> labels, bool isReady = true, bool isDeleting = false)
    {
        var metadata = new JsonObject { ["labels"] = Map(labels), ["uid"] = Guid.NewGuid().ToString() };
        if (isDeleting)
        {
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        }

        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "PodScheduled", ["status"] = "True" },
                new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "False" }),
        };
        if (ip is not null)
        {
            status["podIP"] = ip;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = ip });
        }

        return new JsonObject { ["metadata"] = metadata, ["spec"] = new JsonObject { ["containers"] = new JsonArray() }, ["status"] = status };
    }

    public static JsonObject InferencePool(IReadOnlyDictionary<string, string> selector, params int[] ports) => new()
    {
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = Map(selector) },
            ["targetPorts"] = new JsonArray([.. ports.Select(port => new JsonObject { ["number"] = port })]),
            ["endpointPickerRef"] = new JsonObject { ["name"] = "picker", ["port"] = new JsonObject { ["number"] = 9002 } },
        },
    };

    public static JsonObject AlphaInferencePool(IReadOnlyDictionary<string, string> selector, int port) => new()
    {
        ["spec"] = new JsonObject
        {
            ["selector"] = Map(selector),
            ["targetPortNumber"] = port,
            ["extensionRef"] = new JsonObject { ["name"] = "picker" },
        },
    };

    public static JsonObject InferenceObjective(string pool, int? priority)
    {
        var spec = new JsonObject { ["poolRef"] = new JsonObject { ["name"] = pool } };
        if (priority is not null)
        {
            spec["priority"] = priority;
        }

        return new() { ["spec"] = spec };
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> texts) => new(texts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
