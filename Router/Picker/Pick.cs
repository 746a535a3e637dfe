using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Picker;

/// <summary>A picker's decision, and the stream on which it follows what becomes of the request.</summary>
/// <remarks>
/// The picker counts a request as in flight until its stream ends: well when the answer's end was told, else as broken off. Messages are sent
/// behind the request's back, one after the other; a picker that no longer listens costs the request nothing.
/// </remarks>
internal sealed class Pick : IDisposable
{
    // The picker may still answer what it was told last; after this nobody is interested any more.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly GrpcCall<ProcessingRequest, ProcessingResponse> _call;
    private readonly Task _reading;
    private Task _sent = Task.CompletedTask;
    private bool _began;
    private bool _ended;

    public Pick(GrpcCall<ProcessingRequest, ProcessingResponse> call, Exchange exchange, PickedHeaders headers, IReadOnlyList<KeyValuePair<string, double>> scores)
    {
        _call = call;
        Headers = headers;
        Scores = scores;
        _reading = ReadOnAsync(exchange);
    }

    public PickedHeaders Headers { get; }

    /// <summary>The picker's scores by endpoint, where it tells them.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Scores { get; }

    /// <summary>An engine's answer goes to the client.</summary>
    /// <param name="headers">Made by <see cref="PickerMessages.AnswerHeaders"/>.</param>
    public void AnswerBegan(ProcessingRequest headers)
    {
        if (!_began)
        {
            _began = true;
            Send(headers);
        }
    }

    /// <summary>The answer is whole.</summary>
    /// <param name="lastEvents">What is left of its end: the token counts stand there.</param>
    public void AnswerEnded(byte[] lastEvents)
    {
        if (_began && !_ended)
        {
            _ended = true;
            Send(PickerMessages.AnswerEnd(lastEvents), isLast: true);
        }
    }

    /// <summary>The request is over; an answer that did not end breaks the stream, which tells the picker.</summary>
    public void Dispose()
    {
        if (_ended)
        {
            _ = CloseAsync();
        }
        else
        {
            _call.Dispose();
        }
    }

    private void Send(ProcessingRequest message, bool isLast = false) => _sent = SendAsync(_sent, message, isLast);

    private async Task SendAsync(Task before, ProcessingRequest message, bool isLast)
    {
        await before;
        try
        {
            await _call.WriteAsync(message);
            if (isLast)
            {
                await _call.CompleteAsync();
            }
        }
        catch (Exception gone) when (gone is GrpcException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The picker ended the stream, as it may once it has decided; it wants to know no more.
        }
    }

    private async Task ReadOnAsync(Exchange exchange)
    {
        // Not before the constructor is done.
        await Task.Yield();
        try
        {
            while (await _call.MoveNextAsync())
            {
                if (_call.Current is { Step: ProcessingStep.ImmediateResponse })
                {
                    exchange.Cut("the endpoint picker evicted it");
                }
            }
        }
        catch (Exception gone) when (gone is GrpcException or OperationCanceledException or IOException or InvalidOperationException or ObjectDisposedException)
        {
            // The picker went away, or the request is over: either way the request goes on without it.
        }
    }

    private async Task CloseAsync()
    {
        try
        {
            await Task.WhenAll(_sent, _reading).WaitAsync(s_farewell);
        }
        catch (TimeoutException)
        {
            // Long enough.
        }

        _call.Dispose();
    }
}
