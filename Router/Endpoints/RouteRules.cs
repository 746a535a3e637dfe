namespace LlmdAspire.Router.Endpoints;

/// <summary>How requests of one route are treated.</summary>
/// <param name="Route">The path pattern: label of metrics and name of spans.</param>
internal sealed record RouteRules(string Route)
{
    /// <summary>The body must be a JSON object; without this a body may be absent.</summary>
    public bool RequiresJson { get; init; }

    /// <summary>Passes the admission gate.</summary>
    public bool Admitted { get; init; }

    /// <summary>Stands in the feed of recent requests and in <c>/explain</c>.</summary>
    public bool Recorded { get; init; }

    /// <summary>Only one worker knows the thing asked for and we do not know which: each is asked until one answers 2xx.</summary>
    public bool AskEveryWorker { get; init; }
}
