using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;

namespace LlmdAspire.Tests.Shared;

/// <summary>A program run as a process of its own; disposing kills it and whatever it started.</summary>
public sealed class ChildProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private ChildProgram(ProcessStartInfo start)
    {
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public int Id => _process.Id;

    /// <summary>Lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    /// <summary>Lines of standard error so far.</summary>
    public IReadOnlyList<string> Errors => [.. _errors];

    /// <summary>Starts a built .NET program.</summary>
    /// <param name="program">Its assembly, for example <c>typeof(RouterFlags).Assembly</c>; its runtime configuration lies beside it.</param>
    /// <param name="args">Its command line.</param>
    /// <param name="environment">Added to the environment of the tests, which is stripped of what would change a service.</param>
    public static ChildProgram Start(Assembly program, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null) =>
        Start("dotnet", [program.Location, .. args], environment);

    /// <summary>Starts any program on the PATH.</summary>
    public static ChildProgram Start(string fileName, IEnumerable<string> args, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(fileName, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(ChangesServices).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProgram(start);
    }

    /// <summary>Waits for a line on standard output that contains a text, and returns it.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        await Eventually.TrueAsync(() => _process.HasExited || Find() is not null, $"a line with '{text}' from process {Id}");
        if (_process.HasExited)
        {
            // The last lines arrive after the exit.
            await _process.WaitForExitAsync();
        }

        return Find() ?? throw new InvalidOperationException(
            $"The process ended with {_process.ExitCode} without a line with '{text}':\n{string.Join('\n', Output.Concat(Errors))}");

        string? Find() => _output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits for the log line in which a service says where it listens.</summary>
    public async Task<Uri> WaitForUrlAsync()
    {
        const string Says = "listens on ";
        var line = await WaitForLineAsync(Says);
        return new Uri(line[(line.IndexOf(Says, StringComparison.Ordinal) + Says.Length)..].Split(' ')[0]);
    }

    /// <summary>Waits until the program ended and its output is complete.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal by name: <c>TERM</c>, <c>INT</c>, <c>KILL</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static bool ChangesServices(string name) =>
        name.StartsWith("LLMD_", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal)
        || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("services__", StringComparison.Ordinal) || name == "HTTP_PORTS";

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
