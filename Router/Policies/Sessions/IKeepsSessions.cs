using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Sessions;

/// <summary>A policy that binds sessions to workers.</summary>
internal interface IKeepsSessions
{
    /// <summary>Sessions bound to each worker that has any; for the metrics.</summary>
    IReadOnlyCollection<KeyValuePair<Worker, int>> SessionCounts { get; }

    /// <summary>Releases a session.</summary>
    /// <returns>Whether it was bound.</returns>
    bool Finish(string session);
}
