using System.ComponentModel;
using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Finds the container runtime of this machine: Docker or Podman, with an engine behind it that answers.</summary>
/// <remarks>Asked once, when a container is first needed, and remembered. Thread-safe.</remarks>
internal sealed class ContainerRuntime
{
    /// <summary>Settings that choose the runtime, the current spelling first.</summary>
    private static readonly string[] s_choices = ["ASPIRE_CONTAINER_RUNTIME", "DOTNET_ASPIRE_CONTAINER_RUNTIME"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Lazy<Task<ContainerRuntimeAnswer>> _answer;

    /// <param name="setting">Reads a variable of the environment.</param>
    public ContainerRuntime(Func<string, string?> setting) => _answer = new(() => Task.Run(() => AskAsync(setting)));

    public ContainerRuntime()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>The runtime, or the reason why there is none.</summary>
    public Task<ContainerRuntimeAnswer> FindAsync() => _answer.Value;

    /// <summary>What to start for a container: the runtime's client, in the foreground.</summary>
    /// <param name="program">The runtime's program, from <see cref="FindAsync"/>.</param>
    /// <param name="resource">Name of the resource, for messages.</param>
    /// <param name="container">The container.</param>
    public static LaunchSpec Launch(string program, string resource, ContainerDescription container) => new()
    {
        Name = resource,
        FileName = program,
        Arguments = ContainerCommand.Run(container),
        Environment = ContainerCommand.ClientEnvironment(container),
        WorkingDirectory = Environment.CurrentDirectory,
        ContainerName = container.Name,
    };

    private static async Task<ContainerRuntimeAnswer> AskAsync(Func<string, string?> setting)
    {
        var chosen = s_choices.Select(setting).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        string[] candidates = chosen is null ? ["docker", "podman"] : [chosen.Trim()];
        var reasons = new List<string>();
        foreach (var name in candidates)
        {
            var program = ProgramSearch.Find(name, Environment.CurrentDirectory, setting("PATH"));
            var trouble = program is null ? $"'{name}' is not on PATH" : await TroubleAsync(name, program);
            if (trouble is null)
            {
                return new(program, Path.GetFileNameWithoutExtension(name) == "podman", null);
            }

            reasons.Add(trouble);
        }

        var remedy = chosen is null ? "install and start Docker or Podman" : $"start it, or change {s_choices[0]}";
        return new(null, false, $"No container runtime: {string.Join(", ", reasons)}; {remedy}.");
    }

    // A client alone starts nothing: "version" succeeds only when the engine answers too.
    private static async Task<string?> TroubleAsync(string name, string program)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            using var client = Process.Start(new ProcessStartInfo(program, ["version"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            client.StandardInput.Close();
            var output = Task.WhenAll(client.StandardOutput.ReadToEndAsync(patience.Token), client.StandardError.ReadToEndAsync(patience.Token));
            try
            {
                await client.WaitForExitAsync(patience.Token);
                await output;
                return client.ExitCode == 0 ? null : $"the engine of '{name}' does not answer";
            }
            catch (OperationCanceledException)
            {
                client.Kill(entireProcessTree: true);
                return $"the engine of '{name}' does not answer within {s_patience.TotalSeconds:0} s";
            }
        }
        catch (Win32Exception e)
        {
            return $"'{name}' cannot be started: {e.Message}";
        }
    }
}

/// <summary>Either a runtime or a reason.</summary>
/// <param name="Program">Full path of the runtime's program; null when there is none.</param>
/// <param name="IsPodman">Whether it is Podman, which asks for GPUs differently.</param>
/// <param name="Reason">One line: what was looked for and what would help; null when there is a runtime.</param>
internal sealed record ContainerRuntimeAnswer(string? Program, bool IsPodman, string? Reason);
