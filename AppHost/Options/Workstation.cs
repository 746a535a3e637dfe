using System.ComponentModel;
using System.Diagnostics;

namespace LlmdAspire.AppHost;

/// <summary>What this machine offers to real engines.</summary>
/// <param name="Gpus">NVIDIA GPUs found.</param>
/// <param name="HasContainerRuntime">Whether Docker or Podman answers.</param>
internal sealed record Workstation(int Gpus, bool HasContainerRuntime)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public bool CanRunVllm => Gpus > 0 && HasContainerRuntime;

    /// <summary>What is missing, as the second half of a sentence.</summary>
    public string WhyNot => Gpus == 0 ? "no GPU was found (nvidia-smi lists none)" : "neither Docker nor Podman answers";

    /// <summary>Looks at this machine. The container runtime is only asked where there is a GPU.</summary>
    public static Workstation Look()
    {
        var gpus = Ask("nvidia-smi", "--query-gpu=index", "--format=csv,noheader")?.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length ?? 0;
        return new Workstation(gpus, gpus > 0 && (Ask("docker", "info") ?? Ask("podman", "info")) is not null);
    }

    /// <summary>What a program prints, or null when it is absent, fails or does not answer.</summary>
    private static string? Ask(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var output = process.StandardOutput.ReadToEndAsync();
            if (process.WaitForExit(s_patience) && output.Wait(s_patience))
            {
                return process.ExitCode == 0 ? output.Result : null;
            }

            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
