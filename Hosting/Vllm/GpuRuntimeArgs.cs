using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>How each container runtime is asked for GPUs.</summary>
internal static class GpuRuntimeArgs
{
    /// <summary>Arguments for the runtime's <c>run</c> command.</summary>
    /// <param name="runtime"><c>docker</c> or <c>podman</c>.</param>
    /// <param name="gpus">What the engine was given.</param>
    public static IEnumerable<string> For(string runtime, GpuAnnotation gpus) => (runtime, gpus.Indices) switch
    {
        ("podman", []) => ["--device", "nvidia.com/gpu=all"],
        ("podman", var indices) => indices.SelectMany(index => new[] { "--device", $"nvidia.com/gpu={index}" }),
        (_, []) => ["--gpus", $"{gpus.Count}"],
        // Docker splits the value at commas unless it is quoted for Docker itself.
        (_, var indices) => ["--gpus", $"\"device={string.Join(',', indices)}\""],
    };
}
