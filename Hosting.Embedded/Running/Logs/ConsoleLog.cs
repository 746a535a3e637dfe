using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Shows what the resources write: each line behind the name of its resource, in a colour of its own on a terminal.</summary>
internal sealed class ConsoleLog
{
    // Bright enough on dark and light backgrounds; red is left to problems.
    private static readonly int[] s_colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];

    private readonly ResourceLoggerService _loggers;
    private readonly ILoggerFactory? _hostLog;
    private readonly string _category;
    private readonly Dictionary<string, string> _prefixes;
    private readonly bool _coloured = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public ConsoleLog(DistributedApplicationModel model, ResourceLoggerService loggers, DistributedApplicationOptions options, IHostEnvironment environment, ILoggerFactory hostLog)
    {
        _loggers = loggers;
        _hostLog = options.EnableResourceLogging ? hostLog : null;
        _category = $"{environment.ApplicationName}.Resources.";
        var width = model.Resources.Select(r => r.Name.Length).DefaultIfEmpty().Max();
        _prefixes = model.Resources.Select((resource, i) => (resource.Name, Prefix: Prefix(resource.Name, width, s_colours[i % s_colours.Length], _coloured)))
            .ToDictionary(p => p.Name, p => p.Prefix, ModelName.Comparer);
    }

    public static ConsoleLog? Of(IServiceProvider services) => services.GetService<ConsoleLog>();

    /// <summary>Shows a line that a resource wrote, and keeps it.</summary>
    public void Line(string resource, string line, bool isError)
    {
        _loggers.Log(resource).Add(line, isError);
        Show(resource, line, isError);
    }

    /// <summary>Shows, in one line, what went wrong with a resource.</summary>
    public void Problem(string resource, string message)
    {
        _loggers.Log(resource).Add(message, isError: true);
        if (_hostLog is not null)
        {
            Show(resource, message, isError: true);
            return;
        }

        var line = $"{resource}: {message.ReplaceLineEndings(" ")}";
        Console.Error.WriteLine(_coloured ? $"\e[31m{line}\e[0m" : line);
    }

    internal static string Prefix(string name, int width, int colour, bool coloured)
    {
        var padded = name.PadRight(width) + " | ";
        return coloured ? $"\e[{colour}m{padded}\e[0m" : padded;
    }

    private void Show(string resource, string line, bool isError)
    {
        if (_hostLog is not null)
        {
#pragma warning disable CA2254, CA1848, CA1873 // The line is the resource's own text, not a template.
            _hostLog.CreateLogger(_category + resource).Log(isError ? LogLevel.Error : LogLevel.Information, "{Line}", line);
#pragma warning restore CA2254, CA1848, CA1873
            return;
        }

        // A resource's standard error is its log; it goes where its other lines go, so that they stay in order.
        Console.Out.WriteLine(_prefixes.GetValueOrDefault(resource, resource + " | ") + line);
    }
}
