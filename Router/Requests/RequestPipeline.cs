using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Listening;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Connections;

namespace LlmdAspire.Router.Requests;

/// <summary>Takes a request from its arrival to its last byte: admission, body, peek, attempts, record (steps 1, 2, 3, 6 and 7 of docs/architecture.md).</summary>
internal sealed partial class RequestPipeline(
    RequestIds ids,
    AdmissionGate gate,
    BodyReader bodies,
    ServedModels models,
    IRoutePlans plans,
    AttemptLoop attempts,
    RequestJournal journal,
    InFlightRequests inFlight,
    ForwardingOptions options,
    TimeProvider time,
    ILogger<RequestPipeline> logger)
{
    /// <summary>Serves one request; never throws for what a client or an engine does.</summary>
    public async Task HandleAsync(HttpContext context, RouteRules rules)
    {
        using var exchange = new Exchange(ids.Of(context.Request), rules, time) { Authorization = context.Request.Headers.Authorization };
        var failure = rules.Admitted ? await AdmitAsync(context, exchange) : null;
        if (failure is { } refused)
        {
            await FinishAsync(context, exchange, refused);
            return;
        }

        inFlight.Add(exchange);
        try
        {
            exchange.LimitTime(options.RequestTimeout);
            failure = await ServeAsync(context, exchange);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            failure = RequestFailure.ClientGone;
        }
        catch (ConnectionResetException)
        {
            failure = RequestFailure.ClientGone;
        }
        catch (IOException bad) when (MalformedRequests.StatusOf(bad) is { } status)
        {
            failure = new("bad_request", OpenAiError.OfStatus(status, bad.Message));
        }
        catch (Exception defect)
        {
            LogDefect(defect, exchange.RequestId);
            failure = new("internal", OpenAiError.OfStatus(500, "The router failed to serve this request; its log says why."));
        }
        finally
        {
            inFlight.Remove(exchange);
            if (rules.Admitted)
            {
                gate.Leave();
            }
        }

        await FinishAsync(context, exchange, failure);
    }

    // Step 1.
    private async ValueTask<RequestFailure?> AdmitAsync(HttpContext context, Exchange exchange)
    {
        try
        {
            return await gate.EnterAsync(context.RequestAborted) switch
            {
                AdmissionResult.Admitted => null,
                AdmissionResult.TimedOut => new("queue_timeout", OpenAiError.OfStatus(408, "The request waited in the router's queue for longer than --queue-timeout-secs allows.")),
                _ => new("rate_limited", OpenAiError.OfStatus(429, "The router is busy and its queue is full; try again later."), gate.RetryAfterSeconds()),
            };
        }
        catch (OperationCanceledException)
        {
            return RequestFailure.ClientGone;
        }
    }

    private async ValueTask<RequestFailure?> ServeAsync(HttpContext context, Exchange exchange)
    {
        if (await ReadAsync(context, exchange) is { } unreadable)
        {
            return unreadable;
        }

        if (plans.KnowsAllWorkers && exchange.Peek.Model is { } model && models.IsUnknown(model, out var served))
        {
            var error = OpenAiError.UnknownModel(model);
            return new("unknown_model", error with { Message = $"{error.Message} Models served here: {served}." });
        }

        return await attempts.RunAsync(context, exchange);
    }

    // Step 2.
    private async ValueTask<RequestFailure?> ReadAsync(HttpContext context, Exchange exchange)
    {
        if (!exchange.Rules.RequiresJson && !MayHaveBody(context.Request))
        {
            return null;
        }

        var (body, error) = await bodies.ReadAsync(context);
        if (body is null)
        {
            return new(error!.Status == 413 ? "too_large" : "overloaded", error);
        }

        exchange.Body = body;
        if (body.Length == 0 && !exchange.Rules.RequiresJson)
        {
            return null;
        }

        if (!RequestPeeker.TryPeek(body.Bytes, out var peek, out error))
        {
            return new("bad_request", error!);
        }

        exchange.Peek = peek;
        if (!options.TrustClientKvParams)
        {
            foreach (var range in TransferParamsScanner.FindIn(body.Bytes, out _))
            {
                body.Blank(range);
            }
        }

        return null;
    }

    private async Task FinishAsync(HttpContext context, Exchange exchange, RequestFailure? failure)
    {
        if (failure is { Error: { } error } && !context.RequestAborted.IsCancellationRequested)
        {
            try
            {
                await ErrorAnswer.WriteAsync(context, error, exchange.RequestId, failure.Value.RetryAfterSeconds, failure.Value.Headers);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // The client left while we told it what went wrong; the journal says both.
            }
        }

        exchange.Status = failure is { ClientLeft: true } ? 499 : context.Response.StatusCode;
        journal.Finished(context, exchange, failure);
    }

    private static bool MayHaveBody(HttpRequest request) => request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;

    [LoggerMessage(EventId = 20, Level = LogLevel.Error, Message = "Request {RequestId} failed inside the router")]
    private partial void LogDefect(Exception defect, string requestId);
}
