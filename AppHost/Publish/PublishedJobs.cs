using System.Globalization;
using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>The seeds' benchmark, and their test of the prefix cache, as Jobs, which wait until somebody wants them to run.</summary>
internal static class PublishedJobs
{
    // What seed 003 measured: see docs/presets/pd-dp8.md.
    private const int Prompts = 100;
    private const int Tokens = 2000;
    private const int Concurrency = 32;

    private const string CurlImage = "docker.io/curlimages/curl:8.9.1";
    private const int Nobody = 65534;

    public static void AddJobs(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        List<Job> jobs = [BenchmarkOf(plan)];
        if (plan.HasKvIndexer)
        {
            jobs.Add(PrefixCacheTestOf(plan));
        }

        builder.AddManifests("jobs", jobs);
    }

    private static Job BenchmarkOf(ClusterPlan plan)
    {
        var (host, port) = plan.Door;
        return JobOf(plan.Names.Benchmark, new ContainerV1
        {
            Name = "bench",
            Image = $"{plan.Images.Bench}:{plan.Images.Tag}",
            Resources = new() { Requests = { ["cpu"] = "2", ["memory"] = "1Gi" }, Limits = { ["memory"] = "4Gi" } },
        },
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
    }

    // Asks the same twice in one session; the second answer must count tokens that were cached.
    private static Job PrefixCacheTestOf(ClusterPlan plan)
    {
        var (host, port) = plan.Door;
        var script = $$"""
            set -eu
            i=0
            while [ $i -lt 200 ]; do echo "Sentence $i of a beginning that both requests share. " >> /tmp/prompt; i=$((i + 1)); done
            printf '{"model":"%s","max_tokens":1,"prompt":"' '{{plan.Model}}' > /tmp/body
            tr '\n' ' ' < /tmp/prompt >> /tmp/body
            printf '"}' >> /tmp/body
            ask() { curl -fsS -H 'Content-Type: application/json' -H 'x-session-id: prefix-cache-test' -d @/tmp/body http://{{host}}:{{Text(port)}}/v1/completions; }
            ask > /tmp/first
            sleep 2
            ask > /tmp/second
            grep -o '"cached_tokens":[1-9][0-9]*' /tmp/second

            """;
        var job = JobOf(plan.Names.PrefixCacheTest, new ContainerV1
        {
            Name = "test",
            Image = CurlImage,
            Command = { "/bin/sh" },
            Resources = new() { Requests = { ["cpu"] = "100m", ["memory"] = "64Mi" }, Limits = { ["memory"] = "128Mi" } },
        },
        ["-c", script]);
        // The image names its user, and of a name the kubelet cannot tell that it is not root.
        job.Spec.Template.Spec.Containers[0].SecurityContext!.RunAsUser = Nobody;
        return job;
    }

    private static Job JobOf(string name, ContainerV1 container, IEnumerable<string> arguments)
    {
        var job = new Job { Metadata = { Name = name }, Spec = { Suspend = true } };
        var spec = job.Spec.Template.Spec;
        spec.RestartPolicy = "Never";
        spec.AutomountServiceAccountToken = false;
        spec.SecurityContext = new() { RunAsNonRoot = true, SeccompProfile = new() { Type = "RuntimeDefault" } };
        container.Args.AddRange(arguments);
        spec.Containers.Add(container);
        ServiceManifest.Restrict(spec, container);
        return job;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
