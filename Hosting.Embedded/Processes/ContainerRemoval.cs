using System.ComponentModel;
using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Removes a container by force.</summary>
internal static class ContainerRemoval
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    /// <summary>Asks the runtime to remove the container if it is still there; gives up on a runtime that does not answer.</summary>
    public static async Task RemoveAsync(string runtime, string name)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            using var removal = Process.Start(new ProcessStartInfo(runtime, ["rm", "-f", name])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            removal.StandardInput.Close();
            // "No such container" is the usual answer, because --rm has removed it.
            _ = removal.StandardOutput.ReadToEndAsync(patience.Token);
            _ = removal.StandardError.ReadToEndAsync(patience.Token);
            try
            {
                await removal.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                removal.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            // The runtime is gone, and its containers are out of reach with it.
        }
    }
}
