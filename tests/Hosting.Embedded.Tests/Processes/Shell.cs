using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Children for tests.</summary>
internal static class Shell
{
    /// <summary>Prints its pid and a grandchild's, then waits.</summary>
    public const string WithGrandchild = "sleep 600 & echo pid $$; echo pid $!; echo ready; wait";

    /// <summary>Prints its pid and takes no hint; each signal ends a sleep, but not the loop.</summary>
    public const string Stubborn = "trap '' TERM; echo pid $$; echo ready; while :; do sleep 600; done";

    public static LaunchSpec Script(string script) => new()
    {
        Name = "script",
        FileName = "/bin/sh",
        Arguments = ["-c", script],
        WorkingDirectory = Path.GetTempPath(),
    };

    /// <summary>Completes when all of them have ended, reaped or not.</summary>
    public static async Task AllEndedAsync(IEnumerable<ProcessEntry> entries)
    {
        foreach (var entry in entries)
        {
            while (ProcessTable.IsAlive(entry))
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Writes an executable file.</summary>
    /// <remarks>Another process does it: had we the file open for writing while another test starts a child, running it could fail as busy.</remarks>
    public static void MakeProgram(string path, string text)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat > \"$0\" && chmod +x \"$0\"", path]) { RedirectStandardInput = true })!;
        shell.StandardInput.Write(text);
        shell.StandardInput.Close();
        shell.WaitForExit();
    }

    public static void SkipWhereThereIsNone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("the children are POSIX shell scripts");
        }
    }
}
