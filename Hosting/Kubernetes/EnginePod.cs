namespace Aspire.Hosting;

/// <summary>What a vLLM engine's pods need in a cluster.</summary>
public sealed record EnginePod
{
    /// <summary>The Secret with the Hugging Face token, which the user makes.</summary>
    public const string TokenSecret = "llm-d-hf-token";

    /// <summary>The token's key in the Secret, and the variable that an engine reads it from.</summary>
    public const string TokenKey = "HF_TOKEN";

    /// <summary>Name of the Deployment, or of the LeaderWorkerSet; null leaves it to Aspire.</summary>
    public string? Name { get; init; }

    /// <summary>Engines; null when an autoscaler decides, since a number here would be put back with each installation of the chart.</summary>
    public int? Replicas { get; init; } = 1;

    /// <summary>Null when an engine is one pod.</summary>
    public EngineNodes? Nodes { get; init; }

    /// <summary>GPUs of one pod; null for what <c>WithGpus</c> says, or else its ranks and their tensor parallelism need.</summary>
    public int? Gpus { get; init; }

    /// <summary>CPUs of one pod, as Kubernetes writes quantities; null for any.</summary>
    public string? Cpu { get; init; }

    /// <summary>Memory of one pod, as Kubernetes writes quantities; null for any.</summary>
    public string? Memory { get; init; }

    /// <summary>Size of <c>/dev/shm</c>, through which the workers of a pod talk.</summary>
    public string SharedMemory { get; init; } = "16Gi";

    /// <summary>The device that KV transfers go over, and how many a pod gets; null for TCP.</summary>
    public KeyValuePair<string, int>? Rdma { get; init; }

    /// <summary>Labels of the pods, by which pools and pickers find them.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether pods wait for the Secret with the token; without it, a gated model fails only when it is fetched.</summary>
    public bool IsTokenRequired { get; init; } = true;

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();
}
