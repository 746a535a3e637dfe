using System.Globalization;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Adds the engines of a cluster.</summary>
internal static class PublishedEngines
{
    public static void AddEngines(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        if (plan.Prefill is { } prefill)
        {
            builder.AddEngine(plan, plan.Names.Prefill, EngineRole.Prefill, prefill, ClusterPlan.ServingPort);
            builder.AddEngine(plan, plan.Names.Decode, EngineRole.Decode, plan.Decode, plan.DecodePort);
        }
        else
        {
            builder.AddEngine(plan, plan.Names.Decode, EngineRole.Both, plan.Decode, plan.DecodePort);
        }
    }

    private static void AddEngine(this IDistributedApplicationBuilder builder, ClusterPlan plan, string name, EngineRole role, EngineGroup group, int port)
    {
        var engine = builder.AddVllm(name, plan.Model, port)
            .WithRole(role)
            .WithTensorParallel(group.TensorParallel)
            .WithDataParallel(group.DataParallel)
            .WithModelCache(volume: "model-cache")
            .WithArgs(Arguments(plan));
        if (plan.HasKvIndexer)
        {
            // Pods come and go, so they tell the index who they are. Pickers know an engine by the port of the pool, which may be its sidecar's.
            engine.WithKvEventsTo($"tcp://{plan.Names.KvIndexer}:{PublishedKvIndexer.EventsPort}", $"$(POD_IP):{ClusterPlan.ServingPort}");
        }

        // The label says decode for engines that do both as well, as the seeds do: it is the default of routes that know no roles.
        var label = role == EngineRole.Prefill ? "prefill" : "decode";
        var hasSidecar = role != EngineRole.Prefill && plan.HasSidecar;
        engine.WithPublishedPod(
            new EnginePod
            {
                Name = name,
                Replicas = group.Range is null ? group.Replicas : null,
                Nodes = group.Nodes == 1 ? null : new(group.Nodes, group.RanksPerNode, EngineLabels.OfRole(plan.Names, label)),
                Gpus = group.GpusPerPod,
                Cpu = group.Cpu,
                Memory = group.Memory,
                SharedMemory = group.SharedMemory,
                Rdma = plan.Rdma,
                Labels = EngineLabels.OfPods(plan.Names, label, group),
                NodeSelector = plan.NodeSelector,
            },
            hasSidecar ? new RoutingSidecar($"{plan.Images.Router}:{plan.Images.Tag}", ClusterPlan.ServingPort, port, group.DataParallel) : null);
    }

    private static string[] Arguments(ClusterPlan plan)
    {
        List<string> arguments = [];
        if (plan.BlockSize is { } blockSize)
        {
            arguments.AddRange(["--block-size", Text(blockSize)]);
        }

        if (plan.MaxModelLength is { } length)
        {
            arguments.AddRange(["--max-model-len", Text(length)]);
        }

        return [.. arguments, "--disable-uvicorn-access-log"];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
