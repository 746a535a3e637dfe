using System.Diagnostics;
using System.Globalization;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>A tiny shell that outlives this process by seconds and ends what this process left behind. Unix only.</summary>
/// <remarks>
/// It reads a pipe whose other end only we hold, so it notices our death whatever the cause. It has its own session:
/// neither Ctrl-C in the terminal nor a signal to our process group reaches it. Should it be killed itself, the next word
/// to it starts another. Thread-safe.
/// </remarks>
internal sealed class Watchdog : IAsyncDisposable
{
    private const int GraceSeconds = 5;

    private readonly string _mark;
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _known = new(StringComparer.Ordinal);
    private Process _shell;

    /// <param name="run">What the <see cref="ProcessMarker"/> of every process of this run begins with.</param>
    public Watchdog(string run)
    {
        _mark = $"{ProcessMarker.Variable}={run}.";
        _shell = StartShell();
    }

    /// <summary>The shell's process id, for tests.</summary>
    internal int Id
    {
        get
        {
            lock (_lock)
            {
                return _shell.Id;
            }
        }
    }

    public void ProcessStarted(int id) => Remember(Line("start", id));

    public void ProcessEnded(int id) => Forget(Line("start", id), Line("end", id));

    public void ContainerStarted(string runtime, string name)
    {
        Remember($"runtime {runtime}");
        Remember($"container {name}");
    }

    public void ContainerRemoved(string name) => Forget($"container {name}", $"removed {name}");

    /// <summary>Lets it go; with nothing left to watch it ends at once.</summary>
    public async ValueTask DisposeAsync()
    {
        Process shell;
        lock (_lock)
        {
            shell = _shell;
        }

        CloseInput(shell);
        await shell.WaitForExitAsync();
        shell.Dispose();
    }

    private void Remember(string line)
    {
        lock (_lock)
        {
            _known.Add(line);
            Say(line);
        }
    }

    private void Forget(string known, string line)
    {
        lock (_lock)
        {
            _known.Remove(known);
            Say(line);
        }
    }

    private void Say(string line)
    {
        try
        {
            _shell.StandardInput.WriteLine(line);
        }
        catch (IOException)
        {
            // Somebody killed it. The new one is told everything, this line's effect included.
            CloseInput(_shell);
            _shell.Dispose();
            _shell = StartShell();
            foreach (var known in _known)
            {
                _shell.StandardInput.WriteLine(known);
            }
        }
    }

    private Process StartShell()
    {
        string[] command = ["/bin/sh", "-c", $"eval \"${WatchdogScript.Variable}\"", "llmdaspire-watchdog", _mark, GraceSeconds.ToString(CultureInfo.InvariantCulture)];
        command = [.. NewSession(), .. command];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" };
        start.Environment[WatchdogScript.Variable] = WatchdogScript.Text;
        try
        {
            var shell = Process.Start(start) ?? throw new InvalidOperationException("no process");
            shell.StandardInput.NewLine = "\n";
            shell.StandardInput.AutoFlush = true;
            return shell;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"Cannot start '{command[0]}', which sees to it that no process outlives this one: {e.Message}", e);
        }
    }

    // macOS has no setsid program, but Perl. With neither, the script still ignores every signal that can be ignored.
    private static string[] NewSession() =>
        ProgramSearch.Find("setsid") is { } setsid ? [setsid]
        : ProgramSearch.Find("perl") is { } perl ? [perl, "-e", "use POSIX (); POSIX::setsid(); exec { $ARGV[0] } @ARGV;"]
        : [];

    private static void CloseInput(Process shell)
    {
        try
        {
            shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already, and so is what was still to be written.
        }
    }

    private static string Line(string verb, int id) => string.Create(CultureInfo.InvariantCulture, $"{verb} {id}");
}
