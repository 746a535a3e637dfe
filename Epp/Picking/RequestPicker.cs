using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Objectives;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Epp.Picking;

/// <summary>Step 4 of a request: read it, find its candidates, schedule it.</summary>
internal sealed class RequestPicker(EndpointPool pool, CurrentScheduler scheduler, ObjectiveTable objectives, Traffic traffic, EppFlags flags, Random random)
{
    private const string Prefer = "prefer";

    public async ValueTask<PickOutcome> PickAsync(
        string requestId, string path, Func<string, string?> header, StructValue? metadata, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        traffic.Note();
        var current = scheduler.Current;
        if (RequestReader.Read(requestId, path, current.Forms, header, body, out var request, out var rewrite) is { } refusal)
        {
            return PickOutcome.Refused(refusal);
        }

        var context = new SchedulingContext(request!, CandidatesFor(metadata));
        if (IsShed(objectives.PriorityOf(header), context, current))
        {
            return PickOutcome.Refused(Refusal.Shed);
        }

        var result = await current.ScheduleAsync(context, cancellationToken);
        var why = result.Outcome switch
        {
            ScheduleOutcome.NoEndpoints => Refusal.NoEndpoints,
            ScheduleOutcome.Drained => Refusal.Drained,
            _ when IsConditional(header) && !HoldsAnything(context, result) => Refusal.NotCached,
            _ => null,
        };
        if (why is null)
        {
            current.Picked(context, result);
        }

        return new PickOutcome(request, rewrite, context, result, why);
    }

    /// <summary>Any endpoint, for a request without a body; null when there is none.</summary>
    public EngineEndpoint? PickAny(StructValue? metadata)
    {
        traffic.Note();
        var candidates = CandidatesFor(metadata);
        return candidates.Length == 0 ? null : candidates[random.Next(candidates.Length)];
    }

    // Requests below zero give way once no more fits; all others go on, and wait at the engines.
    private static bool IsShed(int priority, SchedulingContext context, Scheduling.Scheduler scheduler) =>
        priority < 0 && !context.Candidates.IsEmpty && scheduler.Saturation.Measure(context.Candidates) >= 1;

    private EngineEndpoint[] CandidatesFor(StructValue? metadata) =>
        flags.DisableEndpointSubsetFilter ? pool.Ready : SubsetHint.Apply(metadata, pool.Ready);

    private static bool IsConditional(Func<string, string?> header) =>
        header(Prefer)?.Contains("if-available", StringComparison.OrdinalIgnoreCase) == true;

    private static bool HoldsAnything(SchedulingContext context, ScheduleResult result) =>
        context.Prefixes.Any(found => found.Matches.BlocksOn(result.Best!) > 0);
}
