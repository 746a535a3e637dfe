using System.Diagnostics;
using System.Globalization;
using System.Text;
using LlmdAspire.Epp.Decisions;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Epp.ExtProc;

internal sealed partial class Exchange
{
    // The client's trace, which came with the request's headers, not the one of the ext_proc call.
    private void StartSpan()
    {
        var hasParent = ActivityContext.TryParse(_headers[HeaderNames.TraceParent], _headers[HeaderNames.TraceState], isRemote: true, out var parent);
        _activity = Telemetry.Source.StartActivity("gateway.request", ActivityKind.Server, hasParent ? parent : Activity.Current?.Context ?? default);
        _ = _activity?.SetTag("llmd.request.id", _requestId);
    }

    private void Note(PickOutcome outcome, TimeSpan took)
    {
        if (outcome is not { Result: { } result, Context: { } context, Request: { } request })
        {
            return;
        }

        service.Metrics.Decided(outcome.TargetModel, result, took);
        var prefix = context.Prefixes is [var found, ..] ? found.Matches : null;
        service.Decisions.Add(new Decision(
            _requestId, request.Model, result, context.Candidates.ToArray(), prefix, took, service.Clock.GetTimestamp(), _activity?.TraceId.ToString()));
        if (_activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        _ = span.SetTag("gen_ai.request.model", request.Model);
        _ = span.SetTag("llmd.endpoint", result.Best?.Name);
        _ = span.SetTag("llmd.endpoint.prefill", result.Prefill?.Name);
        foreach (var run in result.Runs)
        {
            _ = span.AddEvent(new ActivityEvent("llmd.decision", tags: new ActivityTagsCollection
            {
                ["llmd.profile"] = run.Profile.Name,
                ["llmd.endpoint"] = run.Best?.Name,
                ["llmd.scores"] = Scores(run),
                ["llmd.prefix.source"] = prefix?.Source,
            }));
        }
    }

    // "http://a:8000=1.25 (queue-scorer 1, prefix-cache-scorer 0.25), ..."
    private static string Scores(ProfileRun run)
    {
        var text = new StringBuilder();
        for (var i = 0; i < run.Candidates.Count; i++)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}{run.Candidates[i].Name}={run.Totals[i]:0.###} (");
            for (var scorer = 0; scorer < run.Profile.Scorers.Count; scorer++)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"{(scorer > 0 ? ", " : "")}{run.Profile.Scorers[scorer].Name} {run.ScoreOf(scorer, i):0.###}");
            }

            _ = text.Append(')');
        }

        return text.ToString();
    }
}
