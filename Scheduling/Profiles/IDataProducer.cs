using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Finds something out about a request before it is scheduled, and puts it into the context.</summary>
/// <remarks>May do I/O within bounds of its own. It never fails a request: what it cannot find out is missing from the context.</remarks>
public interface IDataProducer
{
    ValueTask ProduceAsync(SchedulingContext context, CancellationToken cancellationToken);
}
