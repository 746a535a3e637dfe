using System.Diagnostics;
using System.Net.Http.Headers;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Disaggregation;

/// <summary>Sends one prefill leg and reads its whole answer.</summary>
internal sealed class PrefillCall(HttpMessageInvoker engines, ForwardingOptions options)
{
    // One token and the parameters; a prompt of a million tokens has some hundred kilobytes of block numbers.
    private const long MaxAnswerBytes = 16 << 20;

    /// <summary>Makes one attempt. The connection is broken when the client leaves or the request is cut, and the engine stops computing.</summary>
    /// <exception cref="OperationCanceledException">The client left.</exception>
    public async ValueTask<PrefillAnswer> SendAsync(HttpContext context, Exchange exchange, EngineLeg leg)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, exchange.WhenCut);
        await using var body = new BodyStream(leg.Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, leg.Worker.Destination + context.Request.Path + context.Request.QueryString)
        {
            Content = new StreamContent(body),
        };
        request.Content.Headers.ContentLength = leg.Body.Length;
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (exchange.Authorization is { Length: > 0 } key)
        {
            _ = request.Headers.TryAddWithoutValidation("Authorization", key);
        }

        EngineRequestHeaders.Sign(request.Headers, leg, options);
        if (Activity.Current is null)
        {
            EngineRequestHeaders.CopyTrace(context.Request.Headers, request.Headers);
        }

        try
        {
            using var response = await engines.SendAsync(request, ending.Token);
            await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, ending.Token);
            return Judge(response, await response.Content.ReadAsByteArrayAsync(ending.Token));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested && exchange.CutReason is { } reason)
        {
            return new(PrefillAnswerKind.NoAnswer, 0) { Reason = reason };
        }
        catch (Exception away) when (away is HttpRequestException or IOException)
        {
            var unreachable = away is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
            return new(PrefillAnswerKind.NoAnswer, 0) { Reason = (away.InnerException ?? away).Message, Unreachable = unreachable };
        }
    }

    private static PrefillAnswer Judge(HttpResponseMessage response, byte[] answer)
    {
        var status = (int)response.StatusCode;
        if (status is >= 400 and < 500)
        {
            return new(PrefillAnswerKind.ClientsFault, status)
            {
                Body = answer,
                ContentType = response.Content.Headers.ContentType?.ToString(),
                RetryAfter = response.Headers.RetryAfter?.ToString(),
            };
        }

        if (status is < 200 or >= 300)
        {
            return new(PrefillAnswerKind.Failed, status) { Reason = $"status {status}" };
        }

        return KvTransferParams.TryFind(answer, out var found)
            ? new(PrefillAnswerKind.Computed, status) { Params = found }
            : new(PrefillAnswerKind.Failed, status) { Reason = "its answer is not a JSON object" };
    }
}
