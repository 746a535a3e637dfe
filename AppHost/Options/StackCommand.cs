using System.Globalization;
using System.Reflection;
using System.Text;
using LlmdAspire.AppHost.Presets;
using LlmdAspire.AppHost.Publish;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.AppHost;

/// <summary>The command line, read: options to run with, or what to print and the exit code.</summary>
/// <param name="Options">Null when there is nothing to run.</param>
/// <param name="Lines">What to print when there is nothing to run.</param>
/// <param name="ExitCode">0 after help, 2 after mistakes.</param>
internal sealed record StackCommand(StackOptions? Options, IReadOnlyList<string> Lines, int ExitCode)
{
    private const string DefaultModel = "Qwen/Qwen3-0.6B";

    /// <summary>Reads options from the arguments and, below them, the application's configuration. Every mistake is found at once.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configuration">What holds where the command line says nothing.</param>
    /// <param name="isPublishing">Whether the stack is published rather than run.</param>
    public static StackCommand Read(IReadOnlyList<string> args, IConfiguration configuration, bool isPublishing)
    {
        var mistakes = new List<string>();
        var given = ReadArguments(args, mistakes);
        if (given.ContainsKey("help"))
        {
            return new StackCommand(null, [Help()], 0);
        }

        if (given.ContainsKey("list-presets"))
        {
            return new StackCommand(null, [.. Preset.All.Select(preset => $"{preset.Name,-14} {preset.Summary}")], 0);
        }

        if (given.ContainsKey("version"))
        {
            return new StackCommand(null, [$"apphost {Version}"], 0);
        }

        var values = new OptionValues(name => given.GetValueOrDefault(name) ?? configuration[VariableOf(name)] ?? configuration[name], mistakes);
        var preset = values.OneOf("preset", Preset.All.ToDictionary(preset => preset.Name), "default");
        var options = new StackOptions
        {
            Preset = preset,
            Cluster = new ClusterPlanReader(values, preset, mistakes).Read(),
            Engines = values.OneOf("engines", Enum.GetValues<EngineKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant()), "auto"),
            Model = values.Text("model", DefaultModel),
            RouterPort = values.Port("router-port", 30000),
            DashboardPort = values.Port("dashboard-port", 18080),
            Redis = values.OneOf("redis", new Dictionary<string, bool> { ["on"] = true, ["off"] = false }, "off"),
            SimulatorTimeScale = values.Factor("simulator-time-scale", 1),
            ResourcesFile = values.FileOrNull("resources-file"),
        };

        if (isPublishing)
        {
            PublishMistakes.Find(given, options.Cluster, mistakes);
        }
        else if (options is { Redis: true, Cluster.HasKvIndexer: false })
        {
            mistakes.Add($"--redis is 'on', but preset {preset.Name} has no KV indexer that would use it; leave it out.");
        }

        return mistakes.Count == 0 ? new StackCommand(options, [], 0) : new StackCommand(null, mistakes, 2);
    }

    /// <summary>Prints what there is to say instead of running.</summary>
    /// <returns>The exit code.</returns>
    public int Print()
    {
        var writer = ExitCode == 0 ? Console.Out : Console.Error;
        foreach (var line in Lines)
        {
            writer.WriteLine(line);
        }

        return ExitCode;
    }

    // 0.1.0+0123456 rather than with the whole commit, as the services say it.
    private static string Version =>
        typeof(StackCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') switch
        {
            [var version, { Length: > 7 } commit] => $"{version}+{commit[..7]}",
            [var version, ..] => version,
            _ => "0.0.0",
        };

    // As for every program of the stack: LLMD_APPHOST_ROUTER_PORT for --router-port, which no shell could export.
    private static string VariableOf(string option) => $"LLMD_APPHOST_{option.Replace('-', '_').ToUpperInvariant()}";

    private static Dictionary<string, string> ReadArguments(IReadOnlyList<string> args, List<string> mistakes)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "-h" or "-?")
            {
                given["help"] = "";
                continue;
            }

            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                mistakes.Add($"'{args[i]}' is not an option; options begin with --, and --help lists them.");
                continue;
            }

            var (name, value) = args[i][2..].Split('=', 2) is [var left, var right] ? (left, right) : (args[i][2..], null);
            var hasNext = value is null && i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal);
            var option = StackOption.All.FirstOrDefault(known => known.Name == name);
            if (option is { Value: null })
            {
                given[name] = value ?? "";
            }
            else if (option is not null && (value is not null || hasNext))
            {
                given[name] = value ?? args[++i];
            }
            else if (option is not null)
            {
                mistakes.Add($"--{name} needs a value: --{name} {option.Value}.");
            }
            else if (StackOption.Aspire.Contains(name) || name.Contains(':', StringComparison.Ordinal))
            {
                i += hasNext ? 1 : 0;
            }
            else
            {
                mistakes.Add($"--{name} is not an option; --help lists them.");
                i += hasNext ? 1 : 0;
            }
        }

        return given;
    }

    private static string Help()
    {
        var text = new StringBuilder()
            .AppendLine("Runs an LLM serving stack, or publishes it as a Helm chart.")
            .AppendLine()
            .AppendLine("Usage: dotnet run --project AppHost -- [options]")
            .AppendLine("       dotnet run --project AppHost -- --operation publish --step publish --output-path DIR [options]")
            .AppendLine();
        foreach (var option in StackOption.All)
        {
            var left = option.Value is null ? $"--{option.Name}" : $"--{option.Name} {option.Value}";
            text.AppendLine(CultureInfo.InvariantCulture, $"  {left,-38} {option.Help}");
        }

        return text
            .AppendLine()
            .Append("Options are also environment variables (LLMD_APPHOST_ROUTER_PORT) and keys of AppHost/appsettings.json; the command line wins. Aspire's own options pass through.")
            .ToString();
    }
}
