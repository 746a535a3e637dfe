using System.Collections;

namespace LlmdAspire.ServiceDefaults.Discovery;

/// <summary>Addresses of other services, as the application model passes them: <c>services__kv-indexer__http__0=http://127.0.0.1:8080</c>.</summary>
/// <remarks>
/// <c>http://kv-indexer</c> finds its http endpoint, <c>https+http://kv-indexer</c> prefers https, <c>http://_grpc.kv-indexer</c> finds the endpoint
/// named grpc. Several addresses are used in turn. A URL with a port, or with a name nobody announced, stays as it is. Thread-safe.
/// </remarks>
public sealed class ServiceEndpoints
{
    private readonly Dictionary<(string Service, string Endpoint), Uri[]> _addresses;
    private uint _turn;

    /// <param name="variables">Environment variables; others than <c>services__*</c> are ignored.</param>
    public ServiceEndpoints(IEnumerable<KeyValuePair<string, string?>> variables)
    {
        _addresses = variables
            .Select(variable => (Parts: variable.Key.Split("__"), variable.Value))
            .Where(variable => variable.Parts is [var first, _, _, _] && first.Equals("services", StringComparison.OrdinalIgnoreCase))
            .Where(variable => Uri.TryCreate(variable.Value, UriKind.Absolute, out _))
            .OrderBy(variable => int.TryParse(variable.Parts[3], out var index) ? index : int.MaxValue)
            .GroupBy(variable => Key(variable.Parts[1], variable.Parts[2]), variable => new Uri(variable.Value!))
            .ToDictionary(group => group.Key, group => group.ToArray());
    }

    /// <summary>Those of this process's environment.</summary>
    public static ServiceEndpoints FromEnvironment() =>
        new(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value)));

    /// <summary>The address behind a URL; path and query are kept.</summary>
    public Uri Resolve(Uri uri)
    {
        if (!uri.IsAbsoluteUri || !uri.IsDefaultPort || Find(uri) is not { } found)
        {
            return uri;
        }

        var basePath = found.AbsolutePath.TrimEnd('/');
        return new Uri($"{found.GetLeftPart(UriPartial.Authority)}{basePath}{uri.PathAndQuery}{uri.Fragment}");
    }

    private Uri? Find(Uri uri)
    {
        var host = uri.Host;
        if (host.StartsWith('_') && host.IndexOf('.', StringComparison.Ordinal) is > 1 and var dot)
        {
            return Next(host[(dot + 1)..], host[1..dot]);
        }

        return uri.Scheme.Split('+').Append("default").Select(scheme => Next(host, scheme)).FirstOrDefault(found => found is not null);
    }

    private Uri? Next(string service, string endpoint) =>
        _addresses.TryGetValue(Key(service, endpoint), out var addresses)
            ? addresses.Length == 1 ? addresses[0] : addresses[(Interlocked.Increment(ref _turn) - 1) % addresses.Length]
            : null;

    private static (string Service, string Endpoint) Key(string service, string endpoint) => (service.ToLowerInvariant(), endpoint.ToLowerInvariant());
}
