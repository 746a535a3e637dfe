using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Keeps the endpoints those of the ready pods in a cluster, as a pool or the command line choose them.</summary>
/// <remarks>
/// The picker is ready once it knows its pool and has seen an endpoint; from then on it stays so while the pool is there, also without endpoints, for which
/// requests have an answer of their own. When the API server is away, everything stays as it was last.
/// </remarks>
internal sealed partial class ClusterDiscovery(
    ClusterSource source, ApiClient api, EndpointPool pool, EngineRanks ranks, Readiness readiness, TimeProvider clock, Random random, ILogger<ClusterDiscovery> logger) : BackgroundService
{
    private readonly Lock _gate = new();
    private readonly WatchedPart _poolPart = new("inferencepools", logger);
    private readonly WatchedPart _podsPart = new("pods", logger);

    // By the gate: the choice in force, and the pods that were listed last with the choice that they are of.
    private PodChoice? _choice = source.Choice;
    private (PodChoice Choice, IReadOnlyCollection<EnginePod> Pods)? _known;
    private bool _sawEndpoint;

    private CancellationTokenSource? _podsEnd;
    private Task _podsWatch = Task.CompletedTask;

    /// <summary>The kinds of objects that are followed.</summary>
    public IReadOnlyList<WatchedPart> Parts => source.Pool is null ? [_podsPart] : [_poolPart, _podsPart];

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.Missing = "the cluster was not asked for endpoints yet";
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ranks.Changed += Publish;
        try
        {
            if (source.Choice is { } choice)
            {
                await FollowPodsAsync(choice, stoppingToken);
            }
            else
            {
                await Watch(source.PoolResource, InferencePools.Read).RunAsync(state => ChangePool(state, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            ranks.Changed -= Publish;
            await _podsWatch;
            _podsEnd?.Dispose();
        }
    }

    private void ChangePool(ResourceState<PodChoice> state, CancellationToken stopping)
    {
        _poolPart.Note(state.Fault);
        var choice = state.Items.Values.FirstOrDefault();
        var isNew = state.IsListed && choice != _choice;
        if (isNew)
        {
            _podsEnd?.Cancel();
            _podsEnd?.Dispose();
            _podsEnd = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        }

        lock (_gate)
        {
            if (isNew)
            {
                _choice = choice;
                // Another choice keeps what the one before found until its own pods are listed; none, or one of nothing, does not.
                if (choice is not { Selector.Length: > 0 })
                {
                    (_known, _sawEndpoint) = (null, false);
                }
            }

            Publish();
        }

        if (isNew)
        {
            _podsWatch = RestartAsync(_podsWatch, choice, _podsEnd!.Token);
        }
    }

    private async Task RestartAsync(Task before, PodChoice? choice, CancellationToken end)
    {
        await before;
        if (choice is { Selector.Length: > 0 })
        {
            try
            {
                await FollowPodsAsync(choice, end);
            }
            catch (OperationCanceledException)
            {
                // Another choice, or stopping.
            }
        }
    }

    private Task FollowPodsAsync(PodChoice choice, CancellationToken end) => Watch(source.PodsOf(choice), EnginePod.Read).RunAsync(
        state =>
        {
            _podsPart.Note(state.Fault);
            lock (_gate)
            {
                if (!end.IsCancellationRequested && state.IsListed)
                {
                    _known = (choice, [.. state.Items.Values]);
                }

                Publish();
            }
        },
        end);

    // Called with new pods, and with what engines tell of their ranks.
    private void Publish()
    {
        lock (_gate)
        {
            List<EndpointDeclaration> endpoints = _known is var (choice, pods) ? PodEndpoints.Of(pods, choice.Ports, ranks.AskOf) : [];
            if (pool.Set(endpoints))
            {
                Changed(logger, endpoints.Count, _known?.Pods.Count ?? 0);
            }

            _sawEndpoint |= endpoints.Count > 0;
            var missing = FindMissing();
            if (missing != readiness.Missing)
            {
                readiness.Missing = missing;
                if (missing is null)
                {
                    IsReady(logger);
                }
                else
                {
                    IsNotReady(logger, missing);
                }
            }
        }
    }

    private string? FindMissing() => _choice switch
    {
        null when !_poolPart.IsFollowed => "the API server does not answer for the InferencePool",
        null => $"InferencePool {source.Namespace}/{source.Pool} of {source.PoolGroup} is not there",
        { Selector: "" } => $"InferencePool {source.Namespace}/{source.Pool} selects no labels",
        _ when _known is null && !_podsPart.IsFollowed => "the API server does not answer for pods",
        _ when _known is null => "pods are not listed yet",
        _ when !_sawEndpoint => $"no pod with {_choice.Selector} in namespace {source.Namespace} is ready",
        _ => null,
    };

    private ResourceWatch<T> Watch<T>(ApiResource resource, Func<System.Text.Json.JsonElement, T?> read)
        where T : class => new(api, resource, read, new ResourceWatchOptions(), clock, random);

    [LoggerMessage(EventId = 54, Level = LogLevel.Information, Message = "Ready")]
    private static partial void IsReady(ILogger logger);

    [LoggerMessage(EventId = 55, Level = LogLevel.Warning, Message = "Not ready: {Missing}")]
    private static partial void IsNotReady(ILogger logger, string missing);

    [LoggerMessage(EventId = 53, Level = LogLevel.Information, Message = "Endpoints changed: {Endpoints} of {Pods} ready pods")]
    private static partial void Changed(ILogger logger, int endpoints, int pods);
}
