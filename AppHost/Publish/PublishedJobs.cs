using System.Globalization;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>The seeds' benchmark as a Job, which waits until somebody wants it to run.</summary>
internal static class PublishedJobs
{
    // What seed 003 measured: see docs/presets/pd-dp8.md.
    private const int Prompts = 100;
    private const int Tokens = 2000;
    private const int Concurrency = 32;

    public static void AddJobs(this IDistributedApplicationBuilder builder, ClusterPlan plan) => builder.AddManifests("jobs", BenchmarkOf(plan));

    private static Job BenchmarkOf(ClusterPlan plan)
    {
        var (host, port) = plan.Door;
        var job = new Job { Metadata = { Name = plan.Names.Benchmark }, Spec = { Suspend = true } };
        var spec = job.Spec.Template.Spec;
        spec.RestartPolicy = "Never";
        spec.AutomountServiceAccountToken = false;
        spec.SecurityContext = new() { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } };
        spec.Containers.Add(new()
        {
            Name = "bench",
            Image = $"{plan.Images.Bench}:{plan.Images.Tag}",
            Resources = new() { Requests = { ["cpu"] = "2", ["memory"] = "1Gi" }, Limits = { ["memory"] = "4Gi" } },
        });
        spec.Containers[0].Args.AddRange(
        [
            "serve",
            "--host", host,
            "--port", Text(port),
            "--backend", "vllm",
            "--endpoint", "/v1/completions",
            "--model", plan.Model,
            "--dataset-name", "random",
            "--num-prompts", Text(Prompts),
            "--random-input-len", Text(Tokens),
            "--random-output-len", Text(Tokens),
            "--max-concurrency", Text(Concurrency),
            "--ignore-eos",
        ]);
        ServiceManifest.Restrict(spec, spec.Containers[0]);
        return job;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
