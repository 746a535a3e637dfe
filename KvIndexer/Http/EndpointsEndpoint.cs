using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Http;

/// <summary><c>GET /v1/endpoints</c> and <c>DELETE /v1/endpoints/{id}</c>: how the event streams fare, and forgetting one's entries.</summary>
internal sealed class EndpointsEndpoint(EndpointCatalog catalog)
{
    public Task ListAsync(HttpContext context)
    {
        var rows = new List<object>();
        lock (catalog.Gate)
        {
            foreach (var endpoint in catalog.All)
            {
                rows.Add(new
                {
                    Endpoint = endpoint.Name,
                    Sequence = endpoint.Sequence.Last,
                    LagSeconds = Math.Round(endpoint.LagSeconds, 6),
                    endpoint.Sequence.Gaps,
                    endpoint.Sequence.Restarts,
                    Blocks = endpoint.Blocks.Count,
                    Trusted = !endpoint.Blocks.IsDoubtful,
                    endpoint.Connected,
                });
            }
        }

        return IndexerJson.WriteAsync(context, rows);
    }

    public Task ForgetAsync(HttpContext context)
    {
        // The server leaves an escaped slash in a path as it is.
        var text = Uri.UnescapeDataString(context.GetRouteValue("id") as string ?? "");
        if (!EndpointId.TryParse(text, out var name, out var mistake))
        {
            return IndexerJson.WriteAsync(context, OpenAiError.BadRequest($"The endpoint '{text}' {mistake}."));
        }

        var endpoints = catalog.Named(name).ToList();
        if (endpoints.Count == 0)
        {
            return IndexerJson.WriteAsync(context, OpenAiError.OfStatus(404, $"There is no endpoint {name}; GET /v1/endpoints lists them."));
        }

        endpoints.ForEach(catalog.Clear);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
