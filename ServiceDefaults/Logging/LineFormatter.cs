using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LlmdAspire.ServiceDefaults.Logging;

/// <summary>Writes a log entry as one line: <c>12:30:59 info LlmdAspire.Router: message</c>; an exception follows indented.</summary>
internal sealed class LineFormatter : ConsoleFormatter
{
    public const string FormatterName = "llmd-line";

    private readonly TimeProvider _time;

    public LineFormatter(TimeProvider time)
        : base(FormatterName) => _time = time;

    public override void Write<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, TextWriter writer)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        writer.Write(_time.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        writer.Write(LevelName(entry.LogLevel));
        writer.Write(' ');
        writer.Write(entry.Category);
        writer.Write(": ");
        // A message may quote what a client sent: no line of the log may be somebody else's.
        writer.WriteLine(message.ReplaceLineEndings(" "));
        if (entry.Exception is { } exception)
        {
            foreach (var line in exception.ToString().Split('\n'))
            {
                writer.Write("         ");
                writer.WriteLine(line.TrimEnd());
            }
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
