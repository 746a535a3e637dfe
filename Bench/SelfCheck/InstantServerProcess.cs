using System.Diagnostics;
using System.Globalization;
using LlmdAspire.Bench.CommandLine;

namespace LlmdAspire.Bench.SelfCheck;

/// <summary>An <see cref="InstantServer"/> as a process of its own: this program once more, with another verb.</summary>
internal sealed class InstantServerProcess : IDisposable
{
    private readonly Process _process;

    private InstantServerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<InstantServerProcess> StartAsync(int tokens, int eventsPerWrite, CancellationToken stop)
    {
        var program = Environment.ProcessPath!;
        // Started as "dotnet Bench.dll", the program is an argument.
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(InstantServer).Assembly.Location] : [];
        var start = new ProcessStartInfo(program,
        [
            .. host, InstantServerFlags.Verb,
            "--tokens", tokens.ToString(CultureInfo.InvariantCulture), "--events-per-write", eventsPerWrite.ToString(CultureInfo.InvariantCulture),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var line = await process.StandardOutput.ReadLineAsync(stop);
        return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new InstantServerProcess(process, port) : throw new InvalidOperationException($"The server said '{line}' in place of its port.");
    }

    /// <summary>Ends it; it would also end by itself with this process, whose pipe it reads.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
