using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Chooses the decode endpoint first, then asks whether encoding and prefill are worth endpoints of their own.</summary>
/// <remarks>A phase for which no endpoint is left falls back to the decode endpoint: that costs time there, and never an answer.</remarks>
internal sealed class DisaggregatedProfileHandler(SchedulerProfile decode, DisaggregationStage? encode, DisaggregationStage? prefill, int? primaryPort = null) : IProfileHandler
{
    private readonly PrefillStage? _prefillStage = prefill is null ? null : new PrefillStage(prefill.Profile.Name, prefill.Decider.Threshold);

    public SchedulerProfile? ChooseNext(SchedulingContext context, IReadOnlyList<ProfileRun> finished)
    {
        if (finished.Count == 0)
        {
            return decode;
        }

        return Wants(encode, context, finished) ?? Wants(prefill, context, finished);
    }

    public ScheduleResult Conclude(IReadOnlyList<ProfileRun> runs)
    {
        if (Find(runs, decode) is not { Best: not null } decoded)
        {
            return new ScheduleResult(ScheduleOutcome.Drained, runs);
        }

        return new ScheduleResult(ScheduleOutcome.Chosen, runs)
        {
            Destinations = decoded.Chosen,
            Prefill = prefill is null ? null : Find(runs, prefill.Profile)?.Best,
            Encoders = encode is null ? [] : Find(runs, encode.Profile)?.Chosen ?? [],
            PrefillStage = _prefillStage,
            PrimaryPort = primaryPort,
        };
    }

    private static SchedulerProfile? Wants(DisaggregationStage? stage, SchedulingContext context, IReadOnlyList<ProfileRun> finished) =>
        stage is not null
        && finished[0].Best is { } endpoint
        && Find(finished, stage.Profile) is null
        && stage.Decider.IsWorthwhile(context, endpoint)
            ? stage.Profile
            : null;

    private static ProfileRun? Find(IReadOnlyList<ProfileRun> runs, SchedulerProfile profile)
    {
        foreach (var run in runs)
        {
            if (ReferenceEquals(run.Profile, profile))
            {
                return run;
            }
        }

        return null;
    }
}
