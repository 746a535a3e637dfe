namespace LlmdAspire.Bench.Client;

/// <summary>Headers that every request carries; the request id is added to them.</summary>
internal sealed class RequestHeaders
{
    private readonly List<KeyValuePair<string, string>> _headers;
    private readonly string _requestIdPrefix;
    private readonly string _contentType;

    /// <param name="apiKey">Becomes a bearer token; null for none.</param>
    /// <param name="given">The user's; they replace ours.</param>
    /// <param name="requestIdPrefix">What stands before a request's number in <c>x-request-id</c>.</param>
    public RequestHeaders(string? apiKey, IReadOnlyList<KeyValuePair<string, string>> given, string requestIdPrefix)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!string.IsNullOrEmpty(apiKey))
        {
            headers["Authorization"] = $"Bearer {apiKey}";
        }

        foreach (var (name, value) in given)
        {
            headers[name] = value;
        }

        _contentType = headers.Remove("Content-Type", out var contentType) ? contentType : "application/json";
        _headers = [.. headers];
        _requestIdPrefix = requestIdPrefix;
    }

    /// <summary>Adds them to a request about the benchmark, such as the one for the models.</summary>
    public void AddTo(HttpRequestMessage request)
    {
        foreach (var (name, value) in _headers)
        {
            _ = request.Headers.TryAddWithoutValidation(name, value);
        }

        _ = request.Content?.Headers.TryAddWithoutValidation("Content-Type", _contentType);
    }

    /// <summary>Adds them to a request of the benchmark.</summary>
    public void AddTo(HttpRequestMessage request, int? index)
    {
        AddTo(request);
        if (index is null)
        {
            return;
        }

        _ = request.Headers.Remove("x-request-id");
        _ = request.Headers.TryAddWithoutValidation("x-request-id", FormattableString.Invariant($"{_requestIdPrefix}{index}"));
    }
}
