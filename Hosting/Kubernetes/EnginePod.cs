namespace Aspire.Hosting;

/// <summary>What a vLLM engine's pods need in a cluster.</summary>
public sealed record EnginePod
{
    /// <summary>The Secret with the Hugging Face token, which the user makes.</summary>
    public const string TokenSecret = "llm-d-hf-token";

    /// <summary>The token's key in the Secret, and the variable that an engine reads it from.</summary>
    public const string TokenKey = "HF_TOKEN";

    /// <summary>Name of the Deployment, or of the LeaderWorkerSet.</summary>
    public required string Name { get; init; }

    /// <summary>Engines; null when an autoscaler decides, since a number here would be put back with each installation of the chart.</summary>
    public required int? Replicas { get; init; }

    /// <summary>Null when an engine is one pod.</summary>
    public EngineNodes? Nodes { get; init; }

    /// <summary>GPUs of one pod.</summary>
    public required int Gpus { get; init; }

    /// <summary>CPUs of one pod, as Kubernetes writes quantities.</summary>
    public required string Cpu { get; init; }

    /// <summary>Memory of one pod, as Kubernetes writes quantities.</summary>
    public required string Memory { get; init; }

    /// <summary>Size of <c>/dev/shm</c>, through which the workers of a pod talk.</summary>
    public string SharedMemory { get; init; } = "16Gi";

    /// <summary>The device that KV transfers go over, and how many a pod gets; null for TCP.</summary>
    public KeyValuePair<string, int>? Rdma { get; init; }

    /// <summary>Labels of the pods, by which pools and pickers find them.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();
}
