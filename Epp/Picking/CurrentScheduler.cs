namespace LlmdAspire.Epp.Picking;

/// <summary>The scheduler in force; a reloaded configuration replaces it between two requests.</summary>
internal sealed class CurrentScheduler(Scheduling.Scheduler first)
{
    private volatile Scheduling.Scheduler _current = first;

    public Scheduling.Scheduler Current => _current;

    public void Replace(Scheduling.Scheduler next) => _current = next;
}
