using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Another process with a <see cref="ProcessHost"/> of its own, made to be killed.</summary>
internal sealed class DoomedParent : IDisposable
{
    public const string Role = "doomed parent";

    private const string ScriptsVariable = "DOOMED_PARENT_SCRIPTS";

    private readonly Process _process;

    /// <param name="scripts">One child of the parent each, run by the shell; it is up to the script to print pids as lines "pid N", then "ready".</param>
    public DoomedParent(params string[] scripts)
    {
        var start = new ProcessStartInfo(OtherProgram.DotNet, ["exec", OtherProgram.Assembly]) { RedirectStandardOutput = true };
        OtherProgram.SetRole(start, Role);
        start.Environment[ScriptsVariable] = string.Join('\n', scripts);
        _process = Process.Start(start)!;
    }

    /// <summary>Kills the parent alone, as the kernel would when memory is short.</summary>
    public void Kill() => _process.Kill(entireProcessTree: false);

    /// <summary>Kills it with all below it, the watchdog included, as test runners and IDEs do.</summary>
    public void KillTree() => _process.Kill(entireProcessTree: true);

    /// <summary>Everything that the children of this parent named, once all are ready; the watchdog comes last.</summary>
    public async Task<IReadOnlyList<ProcessEntry>> WaitUntilReadyAsync()
    {
        var found = new List<ProcessEntry>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line && line != "all ready")
        {
            found.Add(ProcessTable.Find(int.Parse(line)) ?? throw new InvalidOperationException($"Process {line} ended early."));
        }

        return found;
    }

    /// <summary>The other side: runs in the parent.</summary>
    public static void Run()
    {
        var scripts = Environment.GetEnvironmentVariable(ScriptsVariable)!.Split('\n');
        var host = new ProcessHost();
        using var ready = new CountdownEvent(scripts.Length);
        foreach (var script in scripts)
        {
            host.Start(Shell.Script(script), (line, _) =>
            {
                if (line == "ready")
                {
                    ready.Signal();
                }
                else if (line.StartsWith("pid ", StringComparison.Ordinal))
                {
                    Console.WriteLine(line[4..]);
                }
            });
        }

        ready.Wait();
        Console.WriteLine(host.Watchdog!.Id);
        Console.WriteLine("all ready");
        Thread.Sleep(Timeout.Infinite);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
