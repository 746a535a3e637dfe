using System.Net.Http.Headers;
using System.Text.Json;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Http.Features;

namespace LlmdAspire.Dashboard.Playground;

/// <summary><c>POST /api/send</c>: a prompt from the playground, through the Router, streamed back as it comes.</summary>
/// <remarks>
/// Going through here spares the Router any rule about foreign origins. Bounded in every direction: size of the prompt, number at a time,
/// length of the answer and its duration.
/// </remarks>
internal sealed class SendEndpoint(DashboardTargets targets, IHttpClientFactory clients, TimeProvider clock) : IDisposable
{
    private const int MaxAtOnce = 8;
    private const long MaxBodyBytes = 128 << 10;
    private const long MaxAnswerBytes = 4 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly string[] s_passedOn = ["x-request-id", "x-llmd-endpoint", "retry-after"];

    private readonly HttpClient _http = clients.CreateClient(OutgoingClients.Playground);
    private readonly SemaphoreSlim _places = new(MaxAtOnce, MaxAtOnce);

    public async Task HandleAsync(HttpContext context)
    {
        if (Refuse(context.Request) is { } refusal)
        {
            await AnswerAsync(context.Response, refusal);
            return;
        }

        var (request, error) = await ReadAsync(context.Request);
        if (request is null)
        {
            await AnswerAsync(context.Response, error!);
            return;
        }

        if (!await _places.WaitAsync(TimeSpan.Zero))
        {
            context.Response.Headers.RetryAfter = "2";
            await AnswerAsync(context.Response, new OpenAiError(429, "TooManyRequests", $"The playground runs {MaxAtOnce} prompts at a time; try again in a moment."));
            return;
        }

        try
        {
            await ForwardAsync(context, request);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    // A page from elsewhere must not make this browser spend GPU time: JSON forces browsers to ask first, and nobody here says yes.
    private static OpenAiError? Refuse(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var foreign = origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value);
        return foreign ? new OpenAiError(403, "PermissionDeniedError", "The playground takes prompts from its own page only.")
            : !request.HasJsonContentType() ? new OpenAiError(415, "BadRequestError", "The body must be application/json.")
            : request.ContentLength > MaxBodyBytes ? TooLarge
            : null;
    }

    private static OpenAiError TooLarge { get; } = new(413, "BadRequestError", $"The body must not be larger than {MaxBodyBytes >> 10} KiB.");

    private static async Task<(PlaygroundRequest? Request, OpenAiError? Error)> ReadAsync(HttpRequest request)
    {
        try
        {
            if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = MaxBodyBytes;
            }

            var json = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: request.HttpContext.RequestAborted);
            return PlaygroundRequest.Read(json, out var mistake, out var param) is { } read
                ? (read, null)
                : (null, OpenAiError.BadRequest(mistake, param));
        }
        catch (JsonException)
        {
            return (null, OpenAiError.BadRequest("The body is not valid JSON."));
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, TooLarge);
        }
    }

    private async Task ForwardAsync(HttpContext context, PlaygroundRequest request)
    {
        using var patience = new CancellationTokenSource(s_patience, clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, patience.Token);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(targets.Router, "/v1/chat/completions"))
            {
                Content = new ByteArrayContent(request.ToChatCompletion()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };
            if (request.RequestId is not null)
            {
                message.Headers.Add("x-request-id", request.RequestId);
            }

            using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ending.Token);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString() ?? "application/json";
            context.Response.Headers.CacheControl = "no-store";
            foreach (var name in s_passedOn)
            {
                if (answer.Headers.TryGetValues(name, out var values))
                {
                    context.Response.Headers[name] = values.ToArray();
                }
            }

            await CopyAsync(answer.Content, context.Response, ending.Token);
        }
        catch (HttpRequestException) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context.Response, new OpenAiError(502, "BadGatewayError", "The Router does not answer; start it, or point --router at it."));
        }
        catch (OperationCanceledException) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await AnswerAsync(context.Response, new OpenAiError(504, "GatewayTimeoutError", $"No answer within {s_patience.TotalMinutes:0} min."));
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // The answer has begun, or nobody waits for it any more: an abort is the only honest end of half a stream.
            context.Abort();
        }
    }

    private static async Task CopyAsync(HttpContent content, HttpResponse response, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[16 << 10];
        var left = MaxAnswerBytes;
        while (await stream.ReadAsync(buffer, cancellation) is var read and > 0 && (left -= read) >= 0)
        {
            await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation);
            await response.Body.FlushAsync(cancellation);
        }
    }

    private static async Task AnswerAsync(HttpResponse response, OpenAiError error)
    {
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(error.ToUtf8Json());
    }
}
