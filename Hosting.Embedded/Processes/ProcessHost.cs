using System.ComponentModel;
using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Starts processes, keeps a <see cref="Watchdog"/> (Unix) or a <see cref="WindowsJob"/> informed of them, and stops them all when disposed.</summary>
internal sealed class ProcessHost : IProcessHost
{
    private static readonly TimeSpan s_disposeGrace = TimeSpan.FromSeconds(5);

    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly Lock _lock = new();
    private readonly HashSet<RunningProcess> _running = [];
    private readonly Watchdog? _watchdog;
    private readonly WindowsJob? _job;
    private int _started;
    private bool _disposed;

    public ProcessHost()
    {
        if (OperatingSystem.IsWindows())
        {
            _job = new WindowsJob();
        }
        else
        {
            _watchdog = new Watchdog(_run);
        }
    }

    internal Watchdog? Watchdog => _watchdog;

    public IRunningProcess Start(LaunchSpec spec, Action<string, bool> onLine)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(onLine);

        // Held while starting, so that whoever disposes sees every process that was started.
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var mark = ProcessMarker.Of(_run, ++_started);
            if (spec.ContainerName is not null)
            {
                _watchdog?.ContainerStarted(spec.FileName, spec.ContainerName);
            }

            var process = StartProcess(StartInfo(spec, mark), spec);
            var id = process.Id;
            _watchdog?.ProcessStarted(id);
            var running = new RunningProcess(process, mark, onLine, () => EndedAsync(spec, id));
            _running.Add(running);
            _ = ForgetWhenEndedAsync(running);
            return running;
        }
    }

    public async ValueTask DisposeAsync()
    {
        RunningProcess[] running;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            running = [.. _running];
        }

        // A receiver of output that threw shows in Exited; here it must not keep the others running.
        await Task.WhenAll(running.Select(process => process.StopAsync(s_disposeGrace))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_watchdog is not null)
        {
            await _watchdog.DisposeAsync();
        }

        if (OperatingSystem.IsWindows())
        {
            _job?.Dispose();
        }
    }

    private static ProcessStartInfo StartInfo(LaunchSpec spec, string mark)
    {
        var info = new ProcessStartInfo
        {
            FileName = spec.FileName,
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in spec.Arguments)
        {
            info.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in spec.Environment)
        {
            info.Environment[name] = value;
        }

        info.Environment[ProcessMarker.Variable] = mark;
        if (OperatingSystem.IsWindows())
        {
            info.CreateNewProcessGroup = true; // So that it can be asked politely; see ProcessSignal.
        }

        return info;
    }

    private Process StartProcess(ProcessStartInfo info, LaunchSpec spec)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
        {
            throw new InvalidOperationException($"{spec.Name}: cannot start '{spec.FileName}': its working directory '{spec.WorkingDirectory}' does not exist.");
        }

        info.FileName = ProgramSearch.Find(spec.FileName, spec.WorkingDirectory, info.Environment.TryGetValue("PATH", out var path) ? path : null)
            ?? throw new InvalidOperationException($"{spec.Name}: cannot start '{spec.FileName}': there is no such program{(Path.IsPathRooted(spec.FileName) ? "" : " on PATH")}; install it or correct the name.");
        try
        {
            var process = Process.Start(info)!;
            // Nobody types into a resource: it reads the end of its input rather than taking keys from the terminal.
            process.StandardInput.Close();
            if (OperatingSystem.IsWindows())
            {
                _job?.Add(process);
            }

            return process;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{spec.Name}: cannot start '{spec.FileName}': {e.Message}", e);
        }
    }

    private async Task EndedAsync(LaunchSpec spec, int id)
    {
        _watchdog?.ProcessEnded(id);
        if (spec.ContainerName is not null)
        {
            // "run --rm" removes its container when it ends by itself; a client that was killed leaves the container running.
            await ContainerRemoval.RemoveAsync(spec.FileName, spec.ContainerName);
            _watchdog?.ContainerRemoved(spec.ContainerName);
        }
    }

    private async Task ForgetWhenEndedAsync(RunningProcess running)
    {
        await Task.WhenAny(running.Exited);
        lock (_lock)
        {
            _running.Remove(running);
        }
    }
}
