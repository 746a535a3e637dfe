namespace LlmdAspire.AppHost.Publish;

/// <summary>The numbers of the deployments that the presets come from.</summary>
internal static class SeedClusters
{
    private const int ContextOfSeeds = 32000;

    public static ClusterDefaults Default { get; } = new()
    {
        Namespace = "llm-d",
        Postfix = "default",
        Model = "Qwen/Qwen3-0.6B",
        Gateway = GatewayProvider.None,
        Prefill = new(Replicas: 2, TensorParallel: 1, DataParallel: 1, Cpu: "4", Memory: "16Gi"),
        Decode = new(Replicas: 2, TensorParallel: 1, DataParallel: 1, Cpu: "4", Memory: "16Gi"),
        PrefillThreshold = 256,
        HasKvIndexer = true,
    };

    public static ClusterDefaults VllmNative { get; } = new()
    {
        Namespace = "llm-d-llama31-multinode",
        Postfix = "llama31-multinode",
        Model = "meta-llama/Llama-3.1-8B-Instruct",
        Gateway = GatewayProvider.None,
        CanHaveGateway = false,
        Front = FrontKind.Service,
        Decode = new(Replicas: 16, TensorParallel: 1, DataParallel: 1, Cpu: "8", Memory: "64Gi"),
    };

    public static ClusterDefaults PrefillDecodeDp8 { get; } = new()
    {
        Namespace = "llm-d-llama31",
        Postfix = "llama31",
        Model = "meta-llama/Llama-3.1-8B-Instruct",
        Gateway = GatewayProvider.IstioBench,
        CanHaveRouterInFront = true,
        Prefill = new(Replicas: 1, TensorParallel: 1, DataParallel: 8, Cpu: "180", Memory: "800Gi"),
        Decode = new(Replicas: 1, TensorParallel: 1, DataParallel: 8, Cpu: "180", Memory: "800Gi"),
        MaxModelLength = ContextOfSeeds,
        PrefillThreshold = 100,
    };

    public static ClusterDefaults EppSticky { get; } = new()
    {
        Namespace = "llm-d",
        Postfix = null,
        Model = "meta-llama/Llama-3.2-3B-Instruct",
        Gateway = GatewayProvider.Istio,
        AttachesByFilter = true,
        PortBehindSidecar = 8001,
        Decode = new(Replicas: 2, TensorParallel: 1, DataParallel: 1, Cpu: "4", Memory: "32Gi"),
        PrefillOnRequest = new(Replicas: 1, TensorParallel: 1, DataParallel: 1, Cpu: "4", Memory: "32Gi"),
        PrefillThreshold = 100,
        KeepsSessions = true,
        HasKvIndexer = true,
    };

    public static ClusterDefaults PrefillDecode70B { get; } = new()
    {
        Namespace = "llm-d-pd",
        Postfix = "pd",
        Model = "RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic",
        Gateway = GatewayProvider.Istio,
        Prefill = new(Replicas: 4, TensorParallel: 1, DataParallel: 1, Cpu: "8", Memory: "64Gi"),
        Decode = new(Replicas: 1, TensorParallel: 4, DataParallel: 1, Cpu: "16", Memory: "64Gi"),
        MaxModelLength = ContextOfSeeds,
        BlockSize = 128,
        PrefillThreshold = 0,
        Rdma = new("rdma/ib", 1),
    };
}
