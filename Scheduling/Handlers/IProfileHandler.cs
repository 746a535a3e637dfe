using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Decides which profiles run for a request, one after the other, and what their results mean together.</summary>
/// <remarks>Pure and thread-safe: everything it may depend on is in its arguments.</remarks>
public interface IProfileHandler
{
    /// <summary>The profile to run next, or null when no more is needed.</summary>
    SchedulerProfile? ChooseNext(SchedulingContext context, IReadOnlyList<ProfileRun> finished);

    ScheduleResult Conclude(IReadOnlyList<ProfileRun> runs);
}
