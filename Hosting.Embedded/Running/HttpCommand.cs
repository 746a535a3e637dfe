using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Carries out a command by an HTTP request to the resource.</summary>
internal sealed class HttpCommand(EndpointReference endpoint, string path, HttpCommandOptions options)
{
    private readonly HttpMethod _method = options.Method ?? HttpMethod.Post;

#pragma warning disable CA1308 // Command names are written in lower case.
    public string DefaultName => $"{endpoint.Resource.Name}-{endpoint.EndpointName}-http-{_method.Method.ToLowerInvariant()}-{path}";
#pragma warning restore CA1308

    public async Task<ExecuteCommandResult> ExecuteAsync(ExecuteCommandContext context)
    {
        if (!endpoint.IsAllocated)
        {
            return CommandResults.Failure($"Resource '{context.ResourceName}' has no address yet.");
        }

        var client = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient(options.HttpClientName ?? Options.DefaultName);
        if (options.HttpClientName is null)
        {
            // The user can cancel a command that takes long.
            client.Timeout = Timeout.InfiniteTimeSpan;
        }

        using var request = new HttpRequestMessage(_method, new Uri(new Uri(endpoint.Url), path));
        if (options.PrepareRequest is not null)
        {
            await options.PrepareRequest(new HttpCommandRequestContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Request = request,
            });
        }

        using var response = await client.SendAsync(request, context.CancellationToken);
        if (options.GetCommandResult is not null)
        {
            return await options.GetCommandResult(new HttpCommandResultContext
            {
                Services = context.Services,
                ResourceName = context.ResourceName,
                Endpoint = endpoint,
                CancellationToken = context.CancellationToken,
                HttpClient = client,
                Response = response,
            });
        }

        return response.IsSuccessStatusCode
            ? CommandResults.Success()
            : CommandResults.Failure($"{_method} {path} was answered with {(int)response.StatusCode} {response.ReasonPhrase}.");
    }
}
