using System.Buffers;
using System.Diagnostics;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>One HTTP exchange as ext_proc shows it, message by message. Used by one stream; dispose it when the stream ends, however it does.</summary>
/// <remarks>
/// Request: headers are kept, the body is collected, and at its end one answer to the headers and the body in pieces go out (full duplex); where the
/// body comes buffered, the headers are answered at once and the pick goes into the answer to the body, or Envoy would wait for ever.
/// Response: every piece is answered at once with the same bytes. The response half is in the other file.
/// </remarks>
internal sealed partial class Exchange(ExtProcService service, IGrpcWriter<ProcessingResponse> writer, CancellationToken cancellationToken) : IDisposable
{
    private readonly RequestBody _body = new(service.Budget, service.Flags.MaxPayloadSize);
    private readonly long _began = service.Clock.GetTimestamp();
    private EnvoyHeaders _headers = EnvoyHeaders.Empty;
    private StructValue? _metadata;
    private ProtocolConfiguration? _protocol;
    private string _requestId = "";
    private Activity? _activity;
    private PickedRequest? _picked;
    private bool _requestIsDone;
    private bool _bodyIsChanged;

    private bool IsFullDuplex => RequestBodyMode == BodySendMode.FullDuplexStreamed;

    private BodySendMode RequestBodyMode => _protocol?.RequestBodyMode ?? service.Flags.DefaultBodyMode;

    private BodySendMode ResponseBodyMode => _protocol?.ResponseBodyMode ?? service.Flags.DefaultBodyMode;

    /// <summary>Answers one message.</summary>
    /// <returns>False when the exchange has ended for the picker.</returns>
    public async ValueTask<bool> AnswerAsync(ProcessingRequest message)
    {
        _protocol ??= message.Protocol;
        _metadata = message.FilterMetadata ?? _metadata;
        if (message.IsObservation)
        {
            // Shown only; an answer would be a protocol error.
            return true;
        }

        switch (message.Step)
        {
            case ProcessingStep.RequestHeaders:
                return await AnswerRequestHeadersAsync(message);
            case ProcessingStep.RequestBody:
                return await AnswerRequestBodyAsync(message);
            case ProcessingStep.RequestTrailers:
                return await AnswerRequestTrailersAsync();
            case ProcessingStep.ResponseHeaders:
                await AnswerResponseHeadersAsync(message);
                return true;
            case ProcessingStep.ResponseBody:
                await AnswerResponseBodyAsync(message);
                return true;
            case ProcessingStep.ResponseTrailers:
                await AnswerResponseTrailersAsync();
                return true;
            default:
                throw new GrpcException(GrpcStatusCode.InvalidArgument, "The message is about no part of an HTTP exchange that this picker knows.");
        }
    }

    public void Dispose()
    {
        Complete();
        _body.Dispose();
        _activity?.Dispose();
    }

    private async ValueTask<bool> AnswerRequestHeadersAsync(ProcessingRequest message)
    {
        _headers = message.Headers;
        _requestId = _headers[HeaderNames.RequestId] is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        StartSpan();
        if (message.EndOfStream || RequestBodyMode == BodySendMode.None)
        {
            return await AnswerWithoutBodyAsync();
        }

        switch (RequestBodyMode)
        {
            case BodySendMode.FullDuplexStreamed:
                return true;
            case BodySendMode.Buffered:
                await WriteAsync(new ProcessingResponse { Step = ProcessingStep.RequestHeaders });
                return true;
            default:
                throw new GrpcException(
                    GrpcStatusCode.FailedPrecondition, $"request_body_mode {RequestBodyMode} is not supported: a picker needs the whole body; use FULL_DUPLEX_STREAMED or BUFFERED.");
        }
    }

    private async ValueTask<bool> AnswerWithoutBodyAsync()
    {
        _requestIsDone = true;
        if (service.Picker.PickAny(_metadata) is not { } endpoint)
        {
            return await RefuseAsync(Refusal.HeaderOnlyWithoutEndpoints);
        }

        await WriteAsync(PickAnswer.OfAny(endpoint, _headers, _requestId, _activity, service.Flags));
        return true;
    }

    private async ValueTask<bool> AnswerRequestBodyAsync(ProcessingRequest message)
    {
        if (_requestIsDone)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "A piece of the request body came after its end.");
        }

        if (_body.Append(message.Body) is { } refusal)
        {
            return await RefuseAsync(refusal);
        }

        // A buffered body comes whole; only trailers keep it from being the end of the stream.
        return !(message.EndOfStream || !IsFullDuplex) || await PickAsync(endsBody: true);
    }

    private async ValueTask<bool> AnswerRequestTrailersAsync()
    {
        if (!IsFullDuplex)
        {
            await WriteAsync(new ProcessingResponse { Step = ProcessingStep.RequestTrailers });
            return true;
        }

        if (_requestIsDone)
        {
            return true;
        }

        // With trailers behind it, no piece of the body is marked as the last.
        if (!await PickAsync(endsBody: false))
        {
            return false;
        }

        await WriteAsync(new ProcessingResponse { Step = ProcessingStep.RequestTrailers });
        return true;
    }

    private async ValueTask<bool> PickAsync(bool endsBody)
    {
        _requestIsDone = true;
        var from = service.Clock.GetTimestamp();
        // The lookup's own span belongs under this one.
        Activity.Current = _activity ?? Activity.Current;
        if (ScreenBody() is { } unreadable)
        {
            return await RefuseAsync(unreadable);
        }

        var path = _headers[":path"] ?? "";
        var outcome = await service.Picker.PickAsync(_requestId, path, name => _headers[name], _metadata, _body.Bytes, cancellationToken);
        Note(outcome, service.Clock.GetElapsedTime(from));
        if (outcome.Refusal is { } refusal)
        {
            return await RefuseAsync(refusal, outcome);
        }

        // Counted while the prompt still lies where it was read.
        _ = outcome.Request!.PromptTokens;
        if (RewriteModel(outcome.Rewrite) is { } full)
        {
            return await RefuseAsync(full, outcome);
        }

        _picked = new PickedRequest(outcome, service.Scheduler.Current.SessionTokens(outcome.Result!), service.Metrics, _body.Bytes.Length);
        if (IsFullDuplex)
        {
            await WriteAsync(Answer(outcome, ProcessingStep.RequestHeaders, _body.Bytes.Length), more: true);
            await WriteBodyAsync(endsBody);
        }
        else
        {
            // Envoy keeps its own copy unless it gets another.
            var body = _bodyIsChanged ? new BodyMutation(BodyMutationKind.Replace, new ReadOnlySequence<byte>(_body.Bytes)) : default;
            await WriteAsync(Answer(outcome, ProcessingStep.RequestBody, _bodyIsChanged ? _body.Bytes.Length : null, body));
        }

        service.Metrics.Answered(service.Clock.GetElapsedTime(from));
        _body.Dispose();
        return true;
    }

    // A body that nobody here reads may be one that engines read, whatever its path looks like.
    private Refusal? ScreenBody()
    {
        if (service.Flags.TrustClientKvParams)
        {
            return null;
        }

        _bodyIsChanged = _body.BlankTransferParams(out var isUtf8);
        return isUtf8 || !TransferParamsScanner.MayBeJson(_headers["content-type"]) ? null : Refusal.BadRequest("the request body must be UTF-8");
    }

    private Refusal? RewriteModel(ModelRewrite? rewrite)
    {
        if (rewrite is null)
        {
            return null;
        }

        _bodyIsChanged = true;
        _modelNameBack = new ModelNameBack(rewrite);
        return _body.Replace(rewrite.Place, ModelRewrite.Quote(rewrite.To));
    }

    private ProcessingResponse Answer(PickOutcome outcome, ProcessingStep step, int? contentLength, BodyMutation body = default) =>
        PickAnswer.Of(outcome.Result!, step, _headers, _requestId, contentLength, body, _activity, service.Flags);

    private async ValueTask WriteBodyAsync(bool endsBody)
    {
        var rest = _body.Bytes;
        do
        {
            var piece = rest[..Math.Min(rest.Length, BodyMutation.MaxStreamedBytes)];
            rest = rest[piece.Length..];
            var body = new BodyMutation(BodyMutationKind.Stream, new ReadOnlySequence<byte>(piece), EndOfStream: endsBody && rest.IsEmpty);
            await WriteAsync(new ProcessingResponse { Step = ProcessingStep.RequestBody, Body = body }, more: !rest.IsEmpty);
        }
        while (!rest.IsEmpty);
    }

    private async ValueTask<bool> RefuseAsync(Refusal refusal, PickOutcome? outcome = null)
    {
        service.Metrics.Failed(service.Metrics.LabelsOf(outcome?.Model ?? "", outcome?.TargetModel ?? ""), refusal.Code);
        _ = _activity?.SetStatus(ActivityStatusCode.Error, refusal.Message).SetTag("http.response.status_code", refusal.Status);
        await WriteAsync(RefusalAnswer.Of(refusal));
        return false;
    }

    private ValueTask WriteAsync(ProcessingResponse response, bool more = false) => writer.WriteAsync(response, more, cancellationToken);
}
