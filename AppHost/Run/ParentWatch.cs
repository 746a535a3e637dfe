using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace LlmdAspire.AppHost;

/// <summary>Notices that the <c>dotnet run</c> (or watch, or test) right above this process died without telling it.</summary>
/// <remarks>
/// Ctrl-C and SIGTERM reach us by themselves; SIGKILL of the wrapper leaves us running with nobody to stop us. Only such a
/// wrapper is watched: a shell may end and leave its background jobs running, as nohup users expect. On Windows there is
/// nothing to do, because <c>dotnet run</c> keeps its child in a job object.
/// </remarks>
internal sealed class ParentWatch : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    private readonly Func<int> _parentId;
    private readonly int _wrapper;
    private readonly Action _whenGone;
    private readonly ITimer _timer;
    private int _told;

    internal ParentWatch(Func<int> parentId, Action whenGone, TimeProvider time)
    {
        _parentId = parentId;
        _wrapper = parentId();
        _whenGone = whenGone;
        _timer = time.CreateTimer(_ => Look(), null, s_interval, s_interval);
    }

    /// <summary>Begins to watch, if there is a wrapper above us.</summary>
    /// <param name="whenGone">Called once, from a pool thread; stop gracefully.</param>
    /// <returns>The watch, to be disposed; null when there is nothing to watch.</returns>
    public static ParentWatch? Start(Action whenGone) =>
        !OperatingSystem.IsWindows() && IsWrapper(CommandLineOf(GetParentId()))
            ? new ParentWatch(GetParentId, whenGone, TimeProvider.System)
            : null;

    public void Dispose() => _timer.Dispose();

    /// <summary>Whether this command line is one of the .NET CLI running something for the user.</summary>
    internal static bool IsWrapper(IReadOnlyList<string> commandLine)
    {
        if (commandLine.Count < 2 || Path.GetFileNameWithoutExtension(commandLine[0]) != "dotnet")
        {
            return false;
        }

        // dotnet run ...; dotnet -d run ...; dotnet exec .../dotnet-watch.dll ...
        var verb = commandLine.Skip(1).FirstOrDefault(word => !word.StartsWith('-') && word != "exec");
        return verb is "run" or "watch" or "test" || Path.GetFileName(verb) is "dotnet-watch.dll" or "testhost.dll" or "vstest.console.dll";
    }

    // The system hands us to somebody else when the parent dies, so a changed parent is a dead one; no id can be mistaken here.
    private void Look()
    {
        if (_parentId() != _wrapper && Interlocked.Exchange(ref _told, 1) == 0)
        {
            _timer.Dispose();
            _whenGone();
        }
    }

    private static string[] CommandLineOf(int id)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                : CommandLineFromPs(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return []; // Ended already, another user's, or no ps: not a wrapper we could watch.
        }
    }

    // Words with spaces come apart here, which does not matter for the first two.
    private static string[] CommandLineFromPs(int id)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", ["-p", id.ToString(CultureInfo.InvariantCulture), "-o", "command="]) { RedirectStandardOutput = true })!;
        var words = ps.StandardOutput.ReadToEnd().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        ps.WaitForExit();
        return words;
    }

    [DllImport("libc", EntryPoint = "getppid"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetParentId();
}
