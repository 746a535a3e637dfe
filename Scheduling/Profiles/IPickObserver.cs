using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>A plugin that learns from where requests go; told once per request, just before it is sent.</summary>
public interface IPickObserver
{
    void Picked(SchedulingContext context, ScheduleResult result);
}
