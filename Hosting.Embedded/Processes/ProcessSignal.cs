using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Asks processes to end: SIGTERM and SIGKILL on Unix, Ctrl-Break and termination on Windows.</summary>
internal static class ProcessSignal
{
    private const int Kill = 9;
    private const int Terminate = 15;
    private const uint CtrlBreak = 1;

    /// <summary>Asks politely. A process that has ended already is left alone.</summary>
    public static void SendTerminate(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            // Needs the process to lead its own group (ProcessHost sees to it); .NET hosts take Ctrl-Break for a polite stop.
            _ = GenerateConsoleCtrlEvent(CtrlBreak, (uint)process.Id);
        }
        else
        {
            _ = SendSignal(process.Id, Terminate);
        }
    }

    /// <summary>Ends the process at once. Unix only.</summary>
    public static void SendKill(ProcessEntry entry)
    {
        if (ProcessTable.IsAlive(entry))
        {
            _ = SendSignal(entry.Id, Kill);
        }
    }

    [DllImport("libc", EntryPoint = "kill"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);

    [DllImport("kernel32"), DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GenerateConsoleCtrlEvent(uint signal, uint group);
}
