using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace LlmdAspire.ServiceDefaults.Logging;

/// <summary>Logging of a service: one line per entry on the console, the frameworks only when something is wrong.</summary>
internal static class ServiceLogging
{
    public static void Configure(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.Services.TryAddSingleton(TimeProvider.System);
        logging.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
        logging.SetMinimumLevel(level);

        // At debug one wants to see the frameworks' requests too; otherwise only what is wrong.
        var frameworks = level <= LogLevel.Debug ? LogLevel.Information : (LogLevel)Math.Max((int)level, (int)LogLevel.Warning);
        // Who asks /health is told which check fails; once per probe in the log would bury everything else.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical);
        // A start that fails is told in one line on stderr, failed background work by ourselves; the host would log both again with a stack trace.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddFilter("Microsoft", frameworks).AddFilter("System", frameworks).AddFilter("Yarp", frameworks);
    }
}
