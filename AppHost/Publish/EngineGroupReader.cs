using System.Globalization;
using LlmdAspire.AppHost.Presets;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Reads how many engines there are, and how large: the options over a preset's defaults.</summary>
internal sealed class EngineGroupReader(OptionValues values, Preset preset, List<string> mistakes)
{
    private const int DefaultGpusPerNode = 8;

    // A StatefulSet's pods carry its name and a hash of 10 characters in a label of 63; a group's number is before the hash, too.
    private const int LongestSetName = ClusterNames.MaxLength - 11 - 4;

    private ClusterDefaults Defaults => preset.Cluster;

    public (EngineGroup? Prefill, EngineGroup Decode) Read(Autoscaling autoscaling, ClusterNames names)
    {
        var (forPrefill, forDecode) = ReadChanges(autoscaling);
        var gpusPerNode = values.CountOrNull("gpus-per-node") ?? DefaultGpusPerNode;

        var prefill = Prefill() is { } defaults ? Checked("prefill", names.Prefill, forPrefill.Over(defaults), gpusPerNode) : null;
        var decodeReplicas = values.CountOrNull("decode-replicas", "without a decode engine nothing is generated") ?? Defaults.Decode.Replicas;
        var decode = Checked("decode", names.Decode, forDecode.Over(Defaults.Decode with { Replicas = decodeReplicas }), gpusPerNode);
        return (prefill, decode);
    }

    private (EngineGroupChanges Prefill, EngineGroupChanges Decode) ReadChanges(Autoscaling autoscaling)
    {
        var tensor = values.OneOrTwoCounts("tensor-parallel");
        var data = values.CountOrNull("data-parallel");
        var nodes = values.OneOrTwoCounts("nodes-per-engine");
        var cpu = values.OneOrTwoCpus("cpu");
        var memory = values.OneOrTwoSizes("memory");
        var shared = values.OneOrTwoSizes("shared-memory");
        var min = autoscaling.IsOn ? values.OneOrTwoCounts("min-replicas") : (null, null);
        var max = autoscaling.IsOn ? values.OneOrTwoCounts("max-replicas") : (null, null);
        return (
            new(tensor.First, data, nodes.First, cpu.First, memory.First, shared.First, RangeOf(min.First, max.First)),
            new(tensor.Second, data, nodes.Second, cpu.Second, memory.Second, shared.Second, RangeOf(min.Second, max.Second)));

        static ReplicaRange? RangeOf(int? min, int? max) => max is { } most ? new ReplicaRange(min ?? 1, most) : null;
    }

    private EngineGroup Checked(string role, string name, EngineGroup group, int gpusPerNode)
    {
        CheckRange(role, group);
        CheckMemory(role, group);
        CheckGpus(role, group, gpusPerNode);
        CheckNodes(role, group, name);
        return group;
    }

    private EngineGroup? Prefill()
    {
        var asked = values.TextOrNull("prefill-replicas");
        if ((Defaults.Prefill ?? (asked is null ? null : Defaults.PrefillOnRequest)) is { } prefill)
        {
            return prefill with { Replicas = values.CountOrNull("prefill-replicas", "prefill engines compute the prompts of this preset") ?? prefill.Replicas };
        }

        if (asked is not null)
        {
            mistakes.Add($"--prefill-replicas is '{asked}', but no engine of preset '{preset.Name}' only prefills; leave it out, or use --preset pd-70b or pd-dp8.");
        }

        return null;
    }

    private void CheckRange(string role, EngineGroup group)
    {
        if (group.Range is var (min, max) && min > max)
        {
            mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"--min-replicas is {min} for {role} engines, more than their --max-replicas {max}; lower one or raise the other."));
        }
    }

    // What is written to /dev/shm counts as the pod's memory; a pod that writes more than it may have is killed.
    private void CheckMemory(string role, EngineGroup group)
    {
        if (ByteQuantity.Of(group.SharedMemory) > ByteQuantity.Of(group.Memory))
        {
            mistakes.Add($"A {role} pod would have {group.Memory} of memory and {group.SharedMemory} of it for /dev/shm; raise --memory, or lower --shared-memory.");
        }
    }

    private void CheckGpus(string role, EngineGroup group, int gpusPerNode)
    {
        var gpus = (long)group.TensorParallel * group.DataParallel;
        if (gpus > (long)gpusPerNode * group.Nodes)
        {
            var over = group.Nodes == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" over {group.Nodes} nodes");
            mistakes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"A {role} pod would need {(gpus + group.Nodes - 1) / group.Nodes} GPUs (--tensor-parallel {group.TensorParallel} x --data-parallel {group.DataParallel}{over}), and a node has {gpusPerNode} (--gpus-per-node); lower one of them, or spread each engine with --nodes-per-engine {(gpus + gpusPerNode - 1) / gpusPerNode}."));
        }
    }

    private void CheckNodes(string role, EngineGroup group, string name)
    {
        if (group.Nodes == 1)
        {
            return;
        }

        if (!group.IsEven)
        {
            mistakes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"--nodes-per-engine is {group.Nodes} for {role} engines, which cannot share --data-parallel {group.DataParallel} x --tensor-parallel {group.TensorParallel} evenly; use a divisor of --data-parallel, or of --tensor-parallel where --data-parallel is 1."));
        }
        else if (Defaults.HasKvIndexer && group.RanksPerNode > 0)
        {
            // A rank tells of its blocks under the address of its own pod.
            mistakes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"--nodes-per-engine is {group.Nodes} for {role} engines, but the KV indexer of preset '{preset.Name}' would take ranks of other nodes for other engines; use --preset pd-dp8 or pd-70b, or --data-parallel 1."));
        }

        if (name.Length > LongestSetName)
        {
            mistakes.Add($"--release-postfix makes '{name}', which is too long for an engine of several nodes; shorten it by {name.Length - LongestSetName}.");
        }
    }
}
