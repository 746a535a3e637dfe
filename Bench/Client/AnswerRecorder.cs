using System.Buffers;
using LlmdAspire.Serving.Tokens;
using System.Text;

namespace LlmdAspire.Bench.Client;

/// <summary>Takes the times of one streamed answer as it comes in, by vLLM's definitions.</summary>
/// <remarks>
/// All chunks that one read brings have the time of that read, so their gaps are 0: that is what reached the client. Reusable after
/// <see cref="Begin"/>; not thread-safe.
/// </remarks>
/// <param name="isChat">A chat answer ends with its last event, a completion with its last chunk that has choices.</param>
/// <param name="ticksPerSecond">Of the times given.</param>
internal sealed class AnswerRecorder(bool isChat, long ticksPerSecond)
{
    private readonly List<double> _gaps = [];
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<int> _tokens = [];
    private long _sent;
    private long _first;
    private long _last;
    private int? _promptTokens;
    private int? _completionTokens;
    private bool _hasFirst;

    /// <summary>Whether a chunk with choices has come.</summary>
    public bool HasChoices => _hasFirst;

    public void Begin(long sent)
    {
        _gaps.Clear();
        _text.ResetWrittenCount();
        _sent = _first = _last = sent;
        _promptTokens = _completionTokens = null;
        _hasFirst = false;
    }

    /// <summary>Takes one event's data, received at <paramref name="at"/>.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is neither JSON nor the end mark.</exception>
    public void Take(ReadOnlySpan<byte> data, long at)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            return;
        }

        var chunk = AnswerChunk.Read(data, _text);
        _promptTokens = chunk.PromptTokens ?? _promptTokens;
        _completionTokens = chunk.CompletionTokens ?? _completionTokens;
        if (chunk.HasChoices)
        {
            if (_hasFirst)
            {
                _gaps.Add(Seconds(at - _last));
            }
            else
            {
                _hasFirst = true;
                _first = at;
            }
        }

        if (chunk.HasChoices || isChat)
        {
            _last = at;
        }
    }

    /// <summary>The outcome so far, without a verdict.</summary>
    /// <param name="inputTokens">What to take where the server does not say.</param>
    /// <param name="tokenizer">Counts the answer where the server does not say.</param>
    /// <param name="keepsText">Whether the text is wanted.</param>
    public RequestOutcome ToOutcome(int inputTokens, ITokenizer tokenizer, bool keepsText) => new()
    {
        TimeToFirstToken = _hasFirst ? Seconds(_first - _sent) : 0,
        InterTokenLatencies = [.. _gaps],
        Latency = Seconds(_last - _sent),
        InputTokens = _promptTokens ?? inputTokens,
        OutputTokens = _completionTokens is > 0 and var counted ? counted : Count(tokenizer),
        Text = keepsText ? Encoding.UTF8.GetString(_text.WrittenSpan) : "",
    };

    private int Count(ITokenizer tokenizer)
    {
        _tokens.Clear();
        tokenizer.Encode(_text.WrittenSpan, _tokens);
        return _tokens.Count;
    }

    private double Seconds(long ticks) => (double)ticks / ticksPerSecond;
}
