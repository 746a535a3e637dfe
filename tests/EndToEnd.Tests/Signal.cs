using System.Diagnostics;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Signals to processes, as a terminal or a supervisor sends them.</summary>
internal static class Signal
{
    public static void Send(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{pid}"]);
        kill.WaitForExit();
    }

    public static void Terminate(int pid) => Send("TERM", pid);

    /// <summary>Stops a service in the middle of what it does; it stays, holds its connections and says nothing.</summary>
    public static void Pause(int pid) => SendToTree("STOP", pid);

    /// <summary>Lets a paused service go on.</summary>
    public static void Resume(int pid) => SendToTree("CONT", pid);

    /// <summary>Kills a service: its process, which real Aspire starts below a <c>dotnet run</c> of its own.</summary>
    public static void KillTree(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill(entireProcessTree: true);
    }

    /// <summary>Whether a process still runs; one that ended and waits to be reaped does not.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not 'Z';
        }
        catch (Exception error) when (error is ArgumentException or IOException)
        {
            return false;
        }
    }

    private static void SendToTree(string signal, int pid)
    {
        foreach (var process in ProcessView.Tree(pid))
        {
            Send(signal, process);
        }
    }
}
