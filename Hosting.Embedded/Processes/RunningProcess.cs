using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>A started process with its output and its end. Neither its descendants nor its container outlive it.</summary>
internal sealed class RunningProcess : IRunningProcess
{
    // A program that escaped us may hold the output open for ever; nobody shall wait for it that long.
    private static readonly TimeSpan s_outputPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_descendantCheck = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly string _mark;
    private readonly Func<Task> _whenEnded;
    private readonly Lock _stopping = new();
    private readonly TaskCompletionSource _graceOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ProcessEntry> _descendants = [];
    private bool _askedToStop;

    /// <param name="process">Started, with its output redirected.</param>
    /// <param name="mark">Value of the <see cref="ProcessMarker"/> of this process alone.</param>
    /// <param name="onLine">See <see cref="IProcessHost.Start"/>.</param>
    /// <param name="whenEnded">What else is to be done once it ended; awaited before <see cref="Exited"/> completes.</param>
    public RunningProcess(Process process, string mark, Action<string, bool> onLine, Func<Task> whenEnded)
    {
        _process = process;
        _mark = mark;
        _whenEnded = whenEnded;
        Id = process.Id;
        Exited = Task.Run(() => RunAsync(onLine));
    }

    public int Id { get; }

    public Task<int> Exited { get; }

    public Task StopAsync(TimeSpan grace)
    {
        lock (_stopping)
        {
            if (Exited.IsCompleted)
            {
                return Exited;
            }

            if (!_askedToStop)
            {
                // Looked up before the signal: a process that ends hands its children to somebody else.
                _descendants = OperatingSystem.IsWindows() ? [] : ProcessTable.Descendants(ProcessTable.Read(), Id);
                _askedToStop = true;
                ProcessSignal.SendTerminate(_process);
            }

            // Each call brings its own end of patience and the first one counts, so a second Ctrl-C may shorten the wait.
            _ = KillAfterAsync(grace);
            return Exited;
        }
    }

    private async Task<int> RunAsync(Action<string, bool> onLine)
    {
        var gate = new OutputGate(onLine);
        var output = Task.WhenAll(
            OutputLines.ReadAsync(_process.StandardOutput.BaseStream, line => gate.Pass(line, isError: false)),
            OutputLines.ReadAsync(_process.StandardError.BaseStream, line => gate.Pass(line, isError: true)));
        await _process.WaitForExitAsync();
        var exitCode = _process.ExitCode;
        await EndDescendantsAsync();
        await _whenEnded();
        if (await Task.WhenAny(output, Task.Delay(s_outputPatience)) == output)
        {
            await output;
        }

        _process.Dispose();
        gate.Close();
        return exitCode;
    }

    private async Task KillAfterAsync(TimeSpan grace)
    {
        await Task.WhenAny(Exited, Task.Delay(grace));
        if (!Exited.IsCompleted && _graceOver.TrySetResult())
        {
            KillTree();
        }
    }

    // Asked to stop, they have the rest of the grace to finish; when the process ended by itself they have lost their purpose.
    private async Task EndDescendantsAsync()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Windows keeps no parentage beyond the parent's life; the job object ends them with this program.
        }

        while (WasAskedToStop() && !_graceOver.Task.IsCompleted && Leftovers().Count > 0)
        {
            await Task.Delay(s_descendantCheck);
        }

        // What is killed may have started another meanwhile; a few rounds catch it, and no fork bomb keeps us for ever.
        for (var round = 0; round < 5 && Leftovers() is { Count: > 0 } leftovers; round++)
        {
            foreach (var leftover in leftovers)
            {
                ProcessSignal.SendKill(leftover);
            }
        }
    }

    private bool WasAskedToStop()
    {
        lock (_stopping)
        {
            return _askedToStop;
        }
    }

    private List<ProcessEntry> Leftovers() =>
        [.. ProcessMarker.Find(_mark).Concat(_descendants.Where(ProcessTable.IsAlive)).DistinctBy(entry => entry.Id)];

    private void KillTree()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or AggregateException or System.ComponentModel.Win32Exception)
        {
            // It, or one of its descendants, ended first; EndDescendantsAsync looks for the others.
        }
    }

    /// <summary>Lets lines through until it is closed, so that none comes after <see cref="Exited"/>.</summary>
    /// <remarks>A receiver that throws gets no more lines, and its exception when closing: the program must not block on output that nobody reads.</remarks>
    private sealed class OutputGate(Action<string, bool> onLine)
    {
        private readonly Lock _lock = new();
        private bool _closed;
        private ExceptionDispatchInfo? _failure;

        public void Pass(string line, bool isError)
        {
            lock (_lock)
            {
                if (_closed || _failure is not null)
                {
                    return;
                }

                try
                {
                    onLine(line, isError);
                }
                catch (Exception e)
                {
                    _failure = ExceptionDispatchInfo.Capture(e);
                }
            }
        }

        public void Close()
        {
            lock (_lock)
            {
                _closed = true;
                _failure?.Throw();
            }
        }
    }
}
