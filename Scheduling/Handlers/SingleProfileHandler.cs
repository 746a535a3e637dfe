using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Runs the one profile there is.</summary>
/// <param name="primaryPort">For engines whose ranks have ports of their own behind a sidecar on this port; null for all others.</param>
internal sealed class SingleProfileHandler(SchedulerProfile profile, int? primaryPort = null) : IProfileHandler
{
    public SchedulerProfile? ChooseNext(SchedulingContext context, IReadOnlyList<ProfileRun> finished) => finished.Count == 0 ? profile : null;

    public ScheduleResult Conclude(IReadOnlyList<ProfileRun> runs) =>
        runs is [{ Best: not null } run]
            ? new ScheduleResult(ScheduleOutcome.Chosen, runs) { Destinations = run.Chosen, PrimaryPort = primaryPort }
            : new ScheduleResult(ScheduleOutcome.Drained, runs);
}
