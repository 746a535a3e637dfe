using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Authentication;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Configuration;

/// <summary>Puts a changed configuration file in force, as far as flags can change while the router runs (decision 20).</summary>
internal sealed partial class RouterReload(
    Live<RouterFlags> flags,
    Live<HealthOptions> health,
    RequestPathInForce path,
    WorkerPool pool,
    WorkerDrain drain,
    AdmissionGate gate,
    ClientKeys keys,
    RouterMetrics metrics,
    ILogger<RouterReload> logger)
{
    /// <summary>Reads the flags again; mistakes leave everything as it is.</summary>
    public void Run()
    {
        var (before, next) = (flags.Current, new RouterFlags());
        var file = before.ConfigFile.Value!;
        var reread = next.ReadAgain(before);
        if (reread.Mistakes.Count > 0)
        {
            metrics.Reloaded("failure");
            var mistakes = string.Join(' ', reread.Mistakes);
            LogRefused(file, mistakes);
            return;
        }

        if (reread.Kept.Count > 0)
        {
            var kept = Names(reread.Kept);
            LogKept(file, kept);
        }

        Apply(before, next, newPolicies: reread.Changed.Any(next.DecidesPolicies));
        metrics.Reloaded("success");
        var changed = reread.Changed.Count == 0 ? "nothing" : Names(reread.Changed);
        LogReloaded(file, changed);
    }

    private void Apply(RouterFlags before, RouterFlags next, bool newPolicies)
    {
        var options = next.RequestPath;
        // Policies that stay keep what they have learned.
        options = newPolicies ? options : options with { Policies = path.Current.Options.Policies };
        pool.Reconfigure(options.Breaker);
        gate.Reconfigure(options.Admission);
        health.Current = next.Health;
        keys.Urls = next.KeyValidators;
        flags.Current = next;
        path.Replace(options);
        ChangeWorkers([.. before.Workers], [.. next.Workers]);
        foreach (var worker in pool.Current.Endpoints)
        {
            // It may be waiting for an interval that is no longer the one.
            worker.ProbeSoon();
        }
    }

    // Only what the file itself lists comes and goes with it: workers that an operator added or removed are the operator's.
    private void ChangeWorkers((EndpointId Id, WorkerRole Role)[] before, (EndpointId Id, WorkerRole Role)[] next)
    {
        foreach (var (id, _) in before.Except(next))
        {
            if (Array.Exists(next, worker => worker.Id == id))
            {
                // The same engine for something else: it is listed anew, and its requests finish unlisted.
                pool.RemoveAll(id);
            }
            else
            {
                // However long its requests take; --request-timeout-secs ends them.
                _ = drain.Begin(id, TimeSpan.MaxValue);
            }
        }

        foreach (var (id, role) in next.Except(before))
        {
            drain.End(id);
            _ = pool.AddEngine(id, role);
        }
    }

    private static string Names(IEnumerable<Flag> changed) => string.Join(", ", changed.Select(flag => "--" + flag.Name));

    [LoggerMessage(EventId = 40, Level = LogLevel.Information, Message = "{Path} changed and is in force: {Flags}")]
    private partial void LogReloaded(string path, string flags);

    [LoggerMessage(EventId = 41, Level = LogLevel.Error, Message = "{Path} changed and is refused, the old version stays in force: {Mistakes}")]
    private partial void LogRefused(string path, string mistakes);

    [LoggerMessage(EventId = 42, Level = LogLevel.Warning, Message = "{Path} changes what only a restart can change, the old values stay in force: {Flags}")]
    private partial void LogKept(string path, string flags);
}
