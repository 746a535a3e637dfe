namespace LlmdAspire.AppHost.Publish;

/// <summary>Reads who decides how many engines there are.</summary>
internal sealed class AutoscalingReader(OptionValues values, List<string> mistakes)
{
    private static readonly Dictionary<string, AutoscalingKind> s_kinds = new()
    {
        ["none"] = AutoscalingKind.None, ["hpa"] = AutoscalingKind.Hpa, ["keda"] = AutoscalingKind.Keda,
    };

    private static readonly string[] s_ranges = ["min-replicas", "max-replicas"];
    private static readonly string[] s_fixed = ["prefill-replicas", "decode-replicas"];

    public Autoscaling Read(FrontKind front)
    {
        var kind = values.OneOf("autoscaling", s_kinds, "none");
        var chosen = values.Text("autoscaling", "none");
        if (s_kinds.ContainsKey(chosen))
        {
            CheckCombinations(kind, chosen, front);
        }

        return new Autoscaling(
            kind,
            values.CountOrNull("target-queue") ?? Autoscaling.DefaultTargetQueue,
            values.HttpAddress("prometheus-address", Autoscaling.DefaultPrometheus));
    }

    private void CheckCombinations(AutoscalingKind kind, string chosen, FrontKind front)
    {
        if (kind == AutoscalingKind.None)
        {
            Refuse(s_ranges, "but nothing is autoscaled; leave it out, or add --autoscaling hpa or keda.");
        }
        else if (front == FrontKind.Router)
        {
            mistakes.Add($"--autoscaling is '{chosen}', but with --front router each engine is named by a Service of its own; leave it out, or use --front epp.");
        }
        else
        {
            Refuse(s_fixed, $"but --autoscaling {chosen} decides the number; leave it out, and use --min-replicas and --max-replicas.");
            if (values.TextOrNull("max-replicas") is null)
            {
                mistakes.Add($"--autoscaling is '{chosen}', but nothing says how far; add --max-replicas, such as 8, or 4,8 for prefill and decode engines.");
            }
        }

        if (kind != AutoscalingKind.Keda)
        {
            Refuse(["prometheus-address"], "but only KEDA is told of it; leave it out, or use --autoscaling keda.");
        }
    }

    private void Refuse(string[] options, string because) => mistakes.AddRange(options
        .Where(option => values.TextOrNull(option) is not null)
        .Select(option => $"--{option} is '{values.TextOrNull(option)}', {because}"));
}
