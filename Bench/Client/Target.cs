namespace LlmdAspire.Bench.Client;

/// <summary>A server under test.</summary>
/// <param name="BaseUrl">Without a slash at the end.</param>
/// <param name="Endpoint">Path of the requests, for example <c>/v1/completions</c>.</param>
internal sealed record Target(string BaseUrl, string Endpoint)
{
    public Uri Api { get; } = new(BaseUrl + Endpoint);

    public Uri At(string path) => new(BaseUrl + path);
}
