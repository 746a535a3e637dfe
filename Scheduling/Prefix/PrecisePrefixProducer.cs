using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Prefix;

/// <summary>Asks the index; when that is away or late, the approximate one answers in its place.</summary>
/// <param name="lookup">Null when no index is configured.</param>
internal sealed class PrecisePrefixProducer(string name, IPrefixLookup? lookup, ApproximatePrefixProducer fallback) : IDataProducer
{
    public const string Type = "precise-prefix-cache-producer";

    public async ValueTask ProduceAsync(SchedulingContext context, CancellationToken cancellationToken)
    {
        // Always: the approximate index has to learn the prompt also while it is not needed.
        var approximate = fallback.Find(context);
        if (lookup is null)
        {
            context.SetPrefixes(name, approximate.InsteadOfIndexer("unconfigured"));
            return;
        }

        var (matches, failure) = await lookup.FindAsync(context, cancellationToken);
        if (matches is null)
        {
            lookup.FellBack(failure ?? "error");
        }

        context.SetPrefixes(name, matches ?? approximate.InsteadOfIndexer(failure ?? "error"));
    }
}
