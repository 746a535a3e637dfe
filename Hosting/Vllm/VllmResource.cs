namespace Aspire.Hosting.ApplicationModel;

/// <summary>One vLLM engine: an OpenAI-compatible server for one model.</summary>
/// <param name="name">Resource name; also the engine's name in logs, traces and manifests.</param>
/// <param name="model">Model identifier as vLLM takes it, for example <c>Qwen/Qwen3-0.6B</c>.</param>
public sealed class VllmResource(string name, string model) : ContainerResource(name), IResourceWithServiceDiscovery
{
    internal const string HttpEndpointName = "http";

    private EndpointReference? _http;

    /// <summary>Model identifier as vLLM takes it; clients name it in their requests.</summary>
    public string Model { get; } = model;

    /// <summary>The OpenAI-compatible API, with <c>/health</c> and <c>/metrics</c>.</summary>
    public EndpointReference HttpEndpoint => _http ??= new EndpointReference(this, HttpEndpointName);
}
