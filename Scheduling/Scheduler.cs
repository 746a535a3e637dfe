using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Scheduling.Saturation;
using LlmdAspire.Scheduling.Scorers;

namespace LlmdAspire.Scheduling;

/// <summary>Decides where a request goes: producers find things out, then the profile handler runs profiles until it is done.</summary>
/// <remarks>Immutable and thread-safe; what plugins learn from requests is theirs. A new configuration makes a new scheduler.</remarks>
public sealed class Scheduler(
    IReadOnlyList<SchedulerProfile> profiles, IProfileHandler handler, IReadOnlyList<IDataProducer> producers, IReadOnlyList<IPickObserver> observers, bool readsEngineMetrics)
{
    private readonly SessionAffinityScorer[] _sessions =
        [.. profiles.SelectMany(profile => profile.Scorers).Select(scorer => scorer.Scorer).OfType<SessionAffinityScorer>().DistinctBy(scorer => scorer.Header)];

    public IReadOnlyList<SchedulerProfile> Profiles { get; } = profiles;

    /// <summary>The forms of request that are read; a path of no form is passed through unread where that is allowed, else refused.</summary>
    public RequestForms Forms { get; init; } = RequestForms.All;

    /// <summary>Whether any plugin reads the engines' load; if not, nobody needs to scrape them.</summary>
    public bool ReadsEngineMetrics { get; } = readsEngineMetrics;

    /// <summary>Says how full the endpoints are, for whoever may turn requests away.</summary>
    public required ISaturationDetector Saturation { get; init; }

    internal IProfileHandler Handler { get; } = handler;

    /// <summary>Schedules one request; a request that cannot be placed is a result too, not an exception.</summary>
    public async ValueTask<ScheduleResult> ScheduleAsync(SchedulingContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Candidates.IsEmpty)
        {
            return ScheduleResult.NoEndpoints;
        }

        foreach (var producer in producers)
        {
            await producer.ProduceAsync(context, cancellationToken);
        }

        return RunProfiles(context);
    }

    /// <summary>Tells the plugins that learn from decisions; called once per request that is really sent.</summary>
    public void Picked(SchedulingContext context, ScheduleResult result)
    {
        foreach (var observer in observers)
        {
            observer.Picked(context, result);
        }
    }

    /// <summary>Headers for the answer, by which the client finds its endpoints again: name and token.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> SessionTokens(ScheduleResult result) => _sessions.Length == 0 ? [] :
    [
        .. from session in _sessions
           let endpoint = session.Pin(result)
           where endpoint is not null
           select KeyValuePair.Create(session.Header, SessionToken.Write(endpoint.Name)),
    ];

    private ScheduleResult RunProfiles(SchedulingContext context)
    {
        var runs = new List<ProfileRun>(Profiles.Count);
        while (Handler.ChooseNext(context, runs) is { } profile)
        {
            runs.Add(profile.Run(context));
        }

        return Handler.Conclude(runs);
    }
}
