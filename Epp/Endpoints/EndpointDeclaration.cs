using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Endpoints;

/// <summary>One endpoint as flags, a file or the cluster declare it.</summary>
internal sealed record EndpointDeclaration(EndpointId Id, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>Gets nothing until it has answered once: how many ranks it has is not known before.</summary>
    public bool IsAwaited { get; init; }
}
