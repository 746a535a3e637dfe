using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>A policy that keeps in mind which worker was sent which prompts.</summary>
internal interface IRemembersPrompts
{
    /// <summary>Bytes of prompts remembered for each worker; for the metrics.</summary>
    IEnumerable<KeyValuePair<Worker, long>> RememberedBytes { get; }
}
