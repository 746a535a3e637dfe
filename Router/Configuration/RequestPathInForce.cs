using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Configuration;

/// <summary>The way of requests that arrive now; those on their way finish on the one they began on.</summary>
/// <remarks>What belongs to one configuration is scoped in the container, and a scope is a configuration. It holds nothing to dispose.</remarks>
internal sealed class RequestPathInForce
{
    private readonly IServiceScopeFactory _scopes;
    private readonly Live<RequestPathOptions> _options;
    private volatile RequestPath _current;

    public RequestPathInForce(IServiceScopeFactory scopes, Live<RequestPathOptions> options)
    {
        _scopes = scopes;
        _options = options;
        _current = Create();
    }

    public RequestPath Current => _current;

    public void Replace(RequestPathOptions options)
    {
        _options.Current = options;
        _current = Create();
    }

    private RequestPath Create() => _scopes.CreateScope().ServiceProvider.GetRequiredService<RequestPath>();
}
