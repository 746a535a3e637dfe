using System.Buffers;
using LlmdAspire.Protocols.ExtProc;

namespace LlmdAspire.Epp.ExtProc;

internal sealed partial class Exchange
{
    private readonly AnswerTail _tail = new();
    private ModelNameBack? _modelNameBack;
    private bool _isComplete;

    private ValueTask AnswerResponseHeadersAsync(ProcessingRequest message)
    {
        if (message.Headers[":status"] is { } status and not "200")
        {
            service.Metrics.Failed(_picked?.Labels ?? service.Metrics.LabelsOf("", ""), $"upstream-{status}");
        }

        _picked?.AnswerBegan(message.Headers["content-type"]);
        var mutation = new HeaderMutation().Overwrite("x-went-into-resp-headers", "true");
        foreach (var (name, token) in _picked?.SessionTokens ?? [])
        {
            _ = mutation.Overwrite(name, token);
        }

        HeaderEcho.Add(message.Headers, mutation);
        if (_modelNameBack is not null && ResponseBodyMode is not BodySendMode.None)
        {
            // The names may differ in length.
            mutation.Remove.Add("content-length");
        }

        if (message.EndOfStream)
        {
            Complete();
        }

        return WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseHeaders, Headers = mutation });
    }

    private async ValueTask AnswerResponseBodyAsync(ProcessingRequest message)
    {
        _tail.Append(message.Body);
        if (!message.Body.IsEmpty)
        {
            _picked?.Passed(service.Clock.GetElapsedTime(_began));
        }

        var isFullDuplex = ResponseBodyMode == BodySendMode.FullDuplexStreamed;
        // Other modes show the whole body, or pieces that are answered one for one.
        var body = _modelNameBack?.Pass(message.Body, endOfStream: message.EndOfStream || !isFullDuplex) ?? message.Body;
        if (isFullDuplex)
        {
            await EchoAsync(body, message.EndOfStream);
        }
        else
        {
            var mutation = _modelNameBack is null ? default : new BodyMutation(BodyMutationKind.Replace, body);
            await WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseBody, Body = mutation });
        }

        if (message.EndOfStream)
        {
            Complete();
        }
    }

    // The very bytes that came, straight out of the connection's buffers, unless a model's name had to be turned back.
    private async ValueTask EchoAsync(ReadOnlySequence<byte> rest, bool endOfStream)
    {
        do
        {
            var piece = rest.Slice(0, Math.Min(rest.Length, BodyMutation.MaxStreamedBytes));
            rest = rest.Slice(piece.Length);
            var body = new BodyMutation(BodyMutationKind.Stream, piece, endOfStream && rest.IsEmpty);
            await WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseBody, Body = body }, more: !rest.IsEmpty);
        }
        while (!rest.IsEmpty);
    }

    private async ValueTask AnswerResponseTrailersAsync()
    {
        if (ResponseBodyMode == BodySendMode.FullDuplexStreamed && _modelNameBack?.Pass(default, endOfStream: true) is { IsEmpty: false } kept)
        {
            await EchoAsync(kept, endOfStream: false);
        }

        await WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseTrailers });
        Complete();
    }

    // Once: at the end of the answer, or when the stream ends before it.
    private void Complete()
    {
        if (_isComplete || _picked is null)
        {
            return;
        }

        _isComplete = true;
        _picked.Ended(service.Clock.GetElapsedTime(_began), _tail.Total, _tail.FindUsage());
    }
}
