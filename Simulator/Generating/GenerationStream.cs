using System.Buffers;
using System.IO.Pipelines;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Writes a generation as server-sent events while it runs: one event a token, one flush for all that came since the last.</summary>
internal sealed class GenerationStream
{
    private readonly ServedEngine _engine;
    private readonly Generation _generation;
    private readonly GenerationFields _fields;
    private readonly IAnswerFormat _format;
    private readonly Mishap? _mishap;
    private readonly Choice[] _choices;
    private readonly bool _includeUsage;
    private readonly bool _continuousUsage;
    private bool _isStruck;

    /// <param name="mishap">What happens to the stream on its way; null for nothing.</param>
    public GenerationStream(ServedEngine engine, Generation generation, ModelTask task, IAnswerFormat format, Mishap? mishap)
    {
        var fields = task.Fields;
        _engine = engine;
        _generation = generation;
        _fields = fields;
        _format = format;
        _mishap = mishap;
        _isStruck = mishap is { AfterTokens: 0 };
        // vLLM looks at the second option only where the first is set.
        _includeUsage = fields.IncludeUsage || engine.ForcesUsage;
        _continuousUsage = engine.ForcesUsage || (fields.IncludeUsage && fields.ContinuousUsage);
        _choices = [.. generation.Sequences.Select(sequence => new Choice(engine, sequence, task.EchoesPrompt))];
    }

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = ServerSentEvents.ContentType;
        response.Headers.CacheControl = "no-cache";
        var output = response.BodyWriter;
        var opened = false;
        if (_isStruck)
        {
            await _mishap!.HappenAsync(context);
        }

        while (true)
        {
            await _generation.WaitAsync();
            if (!opened)
            {
                // With the first token, so that the time to the first byte is the time to the first token.
                opened = true;
                WriteOpenings(output);
            }

            var open = WriteNews(output);
            if (!open && !_isStruck)
            {
                break;
            }

            if (!await FlushAsync(output, context.RequestAborted))
            {
                return;
            }

            if (_isStruck)
            {
                await _mishap!.HappenAsync(context);
            }
        }

        _format.WriteEnd(output, RequestUsage.Of(_engine, _generation, _fields), _includeUsage);
        _ = await FlushAsync(output, context.RequestAborted);
    }

    private void WriteOpenings(PipeWriter output)
    {
        for (var i = 0; i < _choices.Length; i++)
        {
            _format.WriteOpening(output, i, new TokenUsage(_choices[i].Sequence.Prompt.Count, 0), _continuousUsage);
        }
    }

    /// <summary>Writes what is new in every choice and says whether any is still open.</summary>
    private bool WriteNews(PipeWriter output)
    {
        var anyOpen = false;
        for (var i = 0; i < _choices.Length; i++)
        {
            if (_choices[i].IsOpen)
            {
                WriteNews(output, i, _choices[i]);
                anyOpen |= _choices[i].IsOpen;
            }
        }

        return anyOpen;
    }

    private void WriteNews(PipeWriter output, int index, Choice choice)
    {
        var progress = choice.Sequence.Read();
        var ended = progress.Finish != FinishReason.None;
        while (!_isStruck && (choice.Written < progress.Tokens.Length || (ended && choice.IsOpen)))
        {
            var some = choice.Written < progress.Tokens.Length ? 1 : 0;
            var tokens = progress.Tokens.Slice(choice.Written, some);
            if (some > 0)
            {
                choice.Text.Append(tokens[0]);
            }

            var first = choice.IsUnwritten;
            choice.IsUnwritten = false;
            choice.Written += some;
            var last = ended && choice.Written == progress.Tokens.Length;
            choice.IsOpen = !last;
            var chunk = new ChunkEvent
            {
                Choice = index,
                Text = choice.Text.Take(last),
                Tokens = tokens,
                Position = choice.Written - some,
                Sequence = choice.Sequence,
                Finish = last ? progress.Finish : FinishReason.None,
                IsFirst = first,
                Usage = UsageOf(choice),
            };
            _format.WriteChunk(output, chunk);
            _isStruck = _mishap is not null && choice.Written >= _mishap.AfterTokens;
        }
    }

    private TokenUsage? UsageOf(Choice choice) =>
        _continuousUsage ? new TokenUsage(choice.Sequence.Prompt.Count, choice.Written) : null;

    private static async ValueTask<bool> FlushAsync(PipeWriter output, CancellationToken aborted)
    {
        try
        {
            return !(await output.FlushAsync(aborted)).IsCompleted;
        }
        catch (OperationCanceledException)
        {
            // The client has gone; whoever started the generation ends it.
            return false;
        }
    }

    private sealed class Choice
    {
        public Choice(ServedEngine engine, Sequence sequence, bool echoPrompt)
        {
            Sequence = sequence;
            Text = new OutputText(engine.Tokenizer, sequence.Stop);
            if (echoPrompt)
            {
                Text.Prepend([.. sequence.Prompt]);
            }
        }

        public Sequence Sequence { get; }

        public OutputText Text { get; }

        public int Written { get; set; }

        public bool IsUnwritten { get; set; } = true;

        public bool IsOpen { get; set; } = true;
    }
}
