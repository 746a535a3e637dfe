using System.Text;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Requests;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Picker;

/// <summary>Asks an endpoint picker over ext_proc, as Envoy does: a stream per request on one connection.</summary>
internal sealed partial class PickerClient(
    PickerOptions options, Live<RequestPathOptions> requestPath, ByteBudget budget, TimeProvider time, RouterMetrics metrics, ILogger<PickerClient> logger) : IDisposable
{
    // While the picker keeps failing, one request a second finds out whether it is back; it should not pay with its whole patience.
    private static readonly TimeSpan s_shortPatience = TimeSpan.FromSeconds(1);

    private readonly PickerAbsence _absence = new(time);
    private readonly GrpcChannel _channel = new(options.Address, new GrpcChannelOptions
    {
        AcceptAnyCertificate = true,
        MultipleConnections = true,
        ConnectTimeout = options.Timeout < TimeSpan.FromSeconds(2) ? options.Timeout : TimeSpan.FromSeconds(2),
    });

    public PickerOptions Options => options;

    /// <summary>Asks for a decision. The body in the exchange is replaced when the picker changed it.</summary>
    /// <param name="path">The path as the picker is to see it.</param>
    public async ValueTask<PickOutcome> AskAsync(HttpContext context, Exchange exchange, string path)
    {
        if (!_absence.MayAsk())
        {
            metrics.Picked("skipped", null);
            return new(null, null, "it failed several times and is asked once a second");
        }

        using var span = Telemetry.StartPick(options.Address);
        var began = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, exchange.WhenCut);
        var patience = _absence.IsSuspected && s_shortPatience < options.Timeout ? s_shortPatience : options.Timeout;
        limit.CancelAfter(patience);
        var outcome = await AskAsync(context, exchange, path, patience, limit.Token);
        if (outcome.Failed is { } reason)
        {
            span.Failed(reason);
            LogFailed(exchange.RequestId, options.Address, reason);
        }

        if (outcome.Away)
        {
            _absence.Failed();
        }
        else
        {
            // A failure of one request is no reason to spare the picker the others.
            _absence.Answered();
        }

        metrics.Picked(outcome.Failed is not null ? "failed" : outcome.Refused is not null ? "refused" : "picked", time.GetElapsedTime(began));
        return outcome;
    }

    public void Dispose() => _channel.Dispose();

    private async ValueTask<PickOutcome> AskAsync(HttpContext context, Exchange exchange, string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        // The stream outlives the decision, whose patience must not end it.
        var call = _channel.Start(ExternalProcessor.Process, cancellationToken: CancellationToken.None);
        var keep = false;
        var writing = WriteAsync(call, context, exchange, path, cancellationToken);
        try
        {
            var (outcome, changed) = await ReadAsync(call, exchange, cancellationToken);
            if (outcome.Pick is null)
            {
                return outcome;
            }

            await writing;
            keep = true;
            return changed is { } body ? Take(exchange, body, outcome, ref keep) : outcome;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.RequestAborted.ThrowIfCancellationRequested();
            return exchange.CutReason is { } reason ? new(null, null, reason) : new(null, null, $"no decision within {patience.TotalSeconds:0.###} s", Away: true);
        }
        catch (Exception failed) when (failed is GrpcException or IOException or InvalidDataException or OperationCanceledException or HttpRequestException)
        {
            return new(null, null, failed.Message, Away: failed is GrpcException { Status.Code: GrpcStatusCode.Unavailable } or IOException or HttpRequestException);
        }
        finally
        {
            if (!keep)
            {
                call.Dispose();
                // It reads from the body, which may be given back once this returns.
                await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteAsync(GrpcCall<ProcessingRequest, ProcessingResponse> call, HttpContext context, Exchange exchange, string path, CancellationToken cancellationToken)
    {
        var body = exchange.Body is { Length: > 0 } buffered ? buffered.Bytes : default;
        await call.WriteAsync(PickerMessages.Headers(context, exchange, path, requestPath.Current.Forwarding.PassRoutingHeaders), more: !body.IsEmpty, cancellationToken);
        foreach (var piece in PickerMessages.Body(body))
        {
            await call.WriteAsync(piece, more: !piece.EndOfStream, cancellationToken);
        }
    }

    // In full duplex the answers are the headers and then the whole body, sent back in pieces; in the other modes one answer to each.
    private async ValueTask<(PickOutcome Outcome, ReadOnlyMemory<byte>? Changed)> ReadAsync(
        GrpcCall<ProcessingRequest, ProcessingResponse> call, Exchange exchange, CancellationToken cancellationToken)
    {
        var headers = new PickedHeaders();
        IReadOnlyList<KeyValuePair<string, double>> scores = [];
        var hasBody = exchange.Body is { Length: > 0 };
        var returned = new ReturnedBody(hasBody ? exchange.Body!.Bytes : default, budget.Limit);
        while (await call.MoveNextAsync(cancellationToken))
        {
            var answer = call.Current;
            if (answer.Step == ProcessingStep.ImmediateResponse)
            {
                return (new(null, Refusal(answer.Immediate!), null), null);
            }

            if (answer.Headers is { } mutation)
            {
                headers.Add(mutation);
            }

            if (answer.DynamicMetadata is { } metadata)
            {
                headers.Add(metadata);
                scores = Scores(metadata) ?? scores;
            }

            var isLast = answer.Step switch
            {
                ProcessingStep.RequestHeaders => !hasBody || answer.ReplacesMessage,
                ProcessingStep.RequestBody => answer.Body.Kind != BodyMutationKind.Stream || answer.Body.EndOfStream,
                _ => false,
            };
            if (answer.Body.Kind is BodyMutationKind.Stream or BodyMutationKind.Replace)
            {
                returned.Add(answer.Body.Body);
            }

            if (!isLast)
            {
                continue;
            }

            if (headers.Destinations is null)
            {
                return (new(null, null, "its answer names no destination"), null);
            }

            if (returned.IsTooLarge)
            {
                return (new(null, null, "it made the body larger than --max-buffered-bytes"), null);
            }

            // Without a body in the answer the request's own stands.
            var changed = hasBody && answer.Body.Kind is BodyMutationKind.Stream or BodyMutationKind.Replace ? returned.End() : null;
            return (new(new Pick(call, exchange, headers, scores), null, null), changed);
        }

        return (new(null, null, "it ended the stream without a decision"), null);
    }

    private PickOutcome Take(Exchange exchange, ReadOnlyMemory<byte> changed, PickOutcome outcome, ref bool keep)
    {
        var body = new BufferedBody(budget);
        if (body.TryAppend(changed.Span, changed.Length) && RequestPeeker.TryPeek(body.Bytes, out var peek, out _))
        {
            exchange.Body?.Dispose();
            exchange.Body = body;
            exchange.Peek = peek;
            return outcome;
        }

        body.Dispose();
        keep = false;
        return new(null, null, "it sent back a body that is no JSON object, or one that does not fit --max-buffered-bytes");
    }

    private static IReadOnlyList<KeyValuePair<string, double>>? Scores(StructValue metadata) =>
        metadata["envoy.lb"]?["x-gateway-destination-endpoint-scores"] is { Kind: StructKind.Fields } scores
            ? [.. scores.Fields.Where(field => field.Value.Kind == StructKind.Number).Select(field => KeyValuePair.Create(field.Key, field.Value.Number))]
            : null;

    private static RequestFailure Refusal(ImmediateResponse immediate)
    {
        var text = Encoding.UTF8.GetString(immediate.Body.Span);
        var status = immediate.StatusCode is >= 400 and < 600 ? immediate.StatusCode : 502;
        var retryAfter = immediate.Headers.Set.FirstOrDefault(change => change.Header.Name == "retry-after");
        return new("picker_refused", OpenAiError.OfStatus(status, text.Length > 0 ? text : "The endpoint picker refused the request."))
        {
            RetryAfterSeconds = retryAfter.Header.Name is not null && int.TryParse(retryAfter.Header.Text, out var seconds) ? seconds : null,
            Headers = [.. immediate.Headers.Set
                .Where(change => change.Header.Name.StartsWith("x-", StringComparison.Ordinal))
                .Select(change => KeyValuePair.Create(change.Header.Name, change.Header.Text))],
        };
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Warning, Message = "Request {RequestId}: the endpoint picker at {Picker} gave no answer: {Reason}")]
    private partial void LogFailed(string requestId, Uri picker, string reason);
}
