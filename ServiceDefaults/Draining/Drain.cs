using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Draining;

/// <summary>Stops a service: no new connections at once, running requests until the deadline, the rest cut.</summary>
internal static partial class Drain
{
    // Enough to write the last words of thousands of streams; a client that does not read gets none.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    // What may still happen after the deadline: aborted requests unwind, telemetry is flushed.
    private static readonly TimeSpan s_afterDeadline = TimeSpan.FromSeconds(5);

    public static async Task StopAsync(WebApplication app, TimeSpan deadline)
    {
        var logger = app.Logger;
        var requests = app.Services.GetRequiredService<RequestsInFlight>();
        if (requests.Count > 0)
        {
            Draining(logger, deadline.TotalSeconds, requests.Count);
        }

        using var abort = new CancellationTokenSource();
        var stopping = app.StopAsync(abort.Token);
        var cut = 0;
        if (await Task.WhenAny(stopping, Task.Delay(deadline)) != stopping)
        {
            // Counted before the abort: afterwards they disappear one by one.
            cut = requests.Count;
            if (app.Services.GetRequiredService<DrainDeadline>().Pass())
            {
                await Task.WhenAny(stopping, Task.Delay(s_lastWords));
            }

            await abort.CancelAsync();
            await Task.WhenAny(stopping, Task.Delay(s_afterDeadline));
        }

        if (cut == 0)
        {
            Stopped(logger);
        }
        else
        {
            StoppedAfterCutting(logger, cut);
        }

        if (stopping.IsCompleted)
        {
            try
            {
                await stopping;
            }
            catch (OperationCanceledException) when (abort.IsCancellationRequested)
            {
                // The abort that was asked for above.
            }
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Stopping; running requests have {Seconds} s to finish: {Requests}")]
    private static partial void Draining(ILogger logger, double seconds, int requests);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Stopped")]
    private static partial void Stopped(ILogger logger);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "Stopped; running requests were cut: {Cut}")]
    private static partial void StoppedAfterCutting(ILogger logger, int cut);
}
