using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>The AppHost as a user starts it: a process of its own.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _resourcesFile;

    private AppHostProcess(ProcessStartInfo start, string resourcesFile)
    {
        _resourcesFile = resourcesFile;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        Process = new Process { StartInfo = start, EnableRaisingEvents = true };
        Process.OutputDataReceived += (_, line) => Take(line.Data);
        Process.ErrorDataReceived += (_, line) => Take(line.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary><c>Embedded</c> or <c>Packages</c>.</summary>
    public static string HostingMode => typeof(Projects.AppHost).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "AspireHosting").Value!;

    public Process Process { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>The resources as <c>--resources-file</c> gives them now.</summary>
    public IReadOnlyList<(string Name, Uri Url, int Pid)> Resources =>
        [.. JsonNode.Parse(File.ReadAllText(_resourcesFile))!.AsArray().Select(entry =>
            ((string)entry!["name"]!, new Uri((string)entry["url"]!), (int)entry["pid"]!))];

    /// <summary>Starts the built AppHost itself, or the <c>dotnet run</c> above it, with simulated engines and free ports.</summary>
    /// <param name="aspireDashboard">Whether the Aspire dashboard is started too, where its CLI is: half of what a start costs.</param>
    public static AppHostProcess Start(
        bool underDotnetRun, bool aspireDashboard = false, IReadOnlyDictionary<string, string>? environment = null, params string[] options)
    {
        var project = Projects.AppHost.ProjectPath;
        var file = Path.Combine(Path.GetTempPath(), $"llmd-resources-{Guid.NewGuid():N}.json");
        string[] arguments = ["--engines", "simulator", "--router-port", "0", "--dashboard-port", "0", "--resources-file", file, .. options];
        var dll = typeof(Projects.AppHost).Assembly.Location;
        // The same configuration as these tests were built in.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name.StartsWith("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        string[] command = underDotnetRun
            ? ["run", "--no-build", "-c", configuration, "--project", project, "--", .. arguments]
            : [dll, .. arguments];
        var start = new ProcessStartInfo("dotnet", command);
        if (!underDotnetRun)
        {
            SetLaunchProfile(start, project);
        }

        if (!aspireDashboard)
        {
            start.Environment["ASPIRE_CLI_PATH"] = "";
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new AppHostProcess(start, file);
    }

    /// <summary>The address of the API once the stack says it is ready.</summary>
    public async Task<Uri> ReadyAsync()
    {
        var line = await _ready.Task.WaitAsync(Eventually.Timeout);
        return new Uri(line["Ready: ".Length..]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Signal.Terminate(Process.Id);
            await Process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
        }

        Process.Dispose();
        File.Delete(_resourcesFile);
    }

    // dotnet run sets it, and real Aspire does not start its dashboard without.
    private static void SetLaunchProfile(ProcessStartInfo start, string project)
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(project, "Properties", "launchSettings.json")))!;
        var profile = settings["profiles"]!.AsObject().First().Value!;
        start.Environment["ASPNETCORE_URLS"] = (string?)profile["applicationUrl"];
        foreach (var (name, value) in profile["environmentVariables"]!.AsObject())
        {
            start.Environment[name] = (string?)value;
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException("The AppHost ended before it was ready:\n" + string.Join('\n', Lines)));
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line.StartsWith("Ready: ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(line);
        }
    }
}
