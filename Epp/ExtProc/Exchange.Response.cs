using System.Buffers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Scheduling.Scorers;

namespace LlmdAspire.Epp.ExtProc;

internal sealed partial class Exchange
{
    private readonly AnswerTail _tail = new();
    private bool _isComplete;

    private ValueTask AnswerResponseHeadersAsync(ProcessingRequest message)
    {
        if (message.Headers[":status"] is { } status and not "200")
        {
            service.Metrics.Failed(_picked?.Model ?? "", $"upstream-{status}");
        }

        _picked?.PrefillEnded();
        var mutation = new HeaderMutation().Overwrite("x-went-into-resp-headers", "true");
        if (_picked is { } picked && service.Scheduler.Current.GivesSessionTokens)
        {
            _ = mutation.Overwrite(SessionToken.Header, SessionToken.Write(picked.Endpoint.Name));
        }

        HeaderEcho.Add(message.Headers, mutation);
        if (message.EndOfStream)
        {
            Complete();
        }

        return WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseHeaders, Headers = mutation });
    }

    private async ValueTask AnswerResponseBodyAsync(ProcessingRequest message)
    {
        _tail.Append(message.Body);
        if (ResponseBodyMode == BodySendMode.FullDuplexStreamed)
        {
            await EchoAsync(message.Body, message.EndOfStream);
        }
        else
        {
            await WriteAsync(new ProcessingResponse { Step = ProcessingStep.ResponseBody });
        }

        if (message.EndOfStream)
        {
            Complete();
        }
    }

    // The very bytes that came, straight out of the connection's buffers.
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
