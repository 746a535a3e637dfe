using System.Diagnostics;

namespace LlmdAspire.Tests.Shared;

/// <summary>Google's gRPC and protobuf for Python, a peer that shares no code with ours; from Debian's packages.</summary>
public static class PythonGrpc
{
    // Not whatever python3 comes first on the PATH: the packages belong to the system's.
    private const string Python = "/usr/bin/python3";

    /// <summary>Why a test that needs it must be skipped, or null when it is installed.</summary>
    public static string? Missing { get; } = CanImport() ? null : "python3-grpcio and python3-protobuf are not installed (Debian packages)";

    /// <summary>Starts a script; what it prints is not buffered.</summary>
    public static ChildProgram Start(string script, params IEnumerable<string> args) => ChildProgram.Start(Python, ["-u", script, .. args]);

    private static bool CanImport()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import grpc, google.protobuf"]) { RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
