using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>The tokens of a conversation, which the engine's own template renders. One that grew has only its new end rendered where that is found to be right. Thread-safe.</summary>
/// <remarks>
/// For a conversation whose first messages were rendered before, an engine is asked for the turn that stood last (from the user's message on) once alone and
/// once with the new messages; <see cref="Splice"/> continues the known tokens from these. <see cref="SpliceTrust"/> says when that may be relied on. A conversation that brings its
/// own template is always rendered whole.
/// </remarks>
internal sealed class ConversationTokens(EngineTokens engines, TokenCache cache, IndexerMetrics metrics, ILogger<ConversationTokens> logger)
{
    // A template may write the date: an old rendering may be continued (its beginning is compared), but it is no answer by itself.
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);

    private readonly SpliceTrust _trust = new();
    private int _epoch;

    public async Task<(int[]? Tokens, OpenAiError? Error)> FindAsync(ScoreRequest request, CancellationToken cancellation)
    {
        if (Conversation.Read(request) is not { } conversation)
        {
            return await WholeAsync(request, cancellation);
        }

        var keys = conversation.Keys(Volatile.Read(ref _epoch));
        if (cache.TryGet(keys[^1], s_fresh, out var same))
        {
            metrics.TokenCache("all");
            return (same, null);
        }

        // A template that the client brings tells nothing about the model's own, and the client may bring another each time.
        var (known, count) = request.BringsTemplate ? ([], 0) : LongestKnown(keys);
        metrics.TokenCache(count > 0 ? "beginning" : "nothing");
        var (tokens, error) = count > 0
            ? await ContinueAsync(request, conversation, known, count, cancellation)
            : await WholeAsync(request, cancellation);
        if (tokens is not null)
        {
            cache.Put(keys[^1], tokens);
            if (count > 0)
            {
                // The conversation went on from there.
                cache.Demote(keys[count - 1]);
            }
        }

        return (tokens, error);
    }

    private (int[] Tokens, int Count) LongestKnown(UInt128[] keys)
    {
        for (var count = keys.Length - 1; count > 0; count--)
        {
            if (cache.TryGet(keys[count - 1], TimeSpan.MaxValue, out var tokens))
            {
                return (tokens, count);
            }
        }

        return ([], 0);
    }

    private async Task<(int[]? Tokens, OpenAiError? Error)> ContinueAsync(
        ScoreRequest request, Conversation conversation, int[] known, int count, CancellationToken cancellation)
    {
        var anchor = conversation.LastUserBefore(count);
        if (anchor < 0 || conversation.Bytes(anchor..count) + conversation.Bytes(anchor..) >= conversation.Bytes(..))
        {
            metrics.Continued("no_gain");
            return await WholeAsync(request, cancellation);
        }

        var shape = _trust.Of(conversation.Shape(anchor, count));
        if (shape.IsRefused || _trust.Refuses(request.Model))
        {
            metrics.Continued("distrusted");
            return await WholeAsync(request, cancellation);
        }

        var brief = MessagesAsync(request, conversation, anchor..count, cancellation);
        var longer = MessagesAsync(request, conversation, anchor.., cancellation);
        var whole = shape.IsDue() ? WholeAsync(request, cancellation) : null;
        var (briefTokens, briefError) = await brief;
        var (longerTokens, longerError) = await longer;
        if (briefTokens is null || longerTokens is null)
        {
            if ((briefError ?? longerError)!.Status is 400 or 422)
            {
                // The template takes no conversation that begins there.
                shape.Refuse();
            }

            metrics.Continued("refused");
            return await (whole ?? WholeAsync(request, cancellation));
        }

        var spliced = Splice.TryContinue(known, briefTokens, longerTokens);
        var lead = known.AsSpan().CommonPrefixLength(briefTokens);
        if (whole is not null)
        {
            return await CompareAsync(request.Model, shape, spliced, lead, briefTokens, whole);
        }

        if (spliced is not null && shape.BeginsAsToday(lead))
        {
            metrics.Continued("sufficed");
            return (spliced, null);
        }

        // Of a shape that is trusted: it is this rendering that is out of date, not the template that cannot be continued.
        metrics.Continued("outdated");
        var (tokens, error) = await WholeAsync(request, cancellation);
        if (tokens is not null)
        {
            shape.Lower(tokens.AsSpan().CommonPrefixLength(briefTokens));
        }

        return (tokens, error);
    }

    private async Task<(int[]? Tokens, OpenAiError? Error)> CompareAsync(
        string model, ShapeTrust shape, int[]? spliced, int lead, int[] brief, Task<(int[]? Tokens, OpenAiError? Error)> whole)
    {
        var (tokens, error) = await whole;
        if (tokens is null)
        {
            return (null, error);
        }

        var leadNow = tokens.AsSpan().CommonPrefixLength(brief);
        if (spliced is not null && tokens.AsSpan().SequenceEqual(spliced))
        {
            shape.Agree(leadNow);
            metrics.Continued("confirmed");
        }
        else if (lead < leadNow)
        {
            shape.Miss();
            metrics.Continued("outdated");
        }
        else
        {
            metrics.Continued("differed");
            Distrust(model, shape);
        }

        return (tokens, null);
    }

    private void Distrust(string model, ShapeTrust shape)
    {
        var wasTrusted = shape.IsConfirmed;
        shape.Refuse();
        if (wasTrusted && !_trust.Refuses(model))
        {
            _trust.Refuse(model);
            // What was spliced before is forgotten with it.
            _ = Interlocked.Increment(ref _epoch);
            Log.TemplateIsNotLocal(logger, model);
        }
    }

    private Task<(int[]? Tokens, OpenAiError? Error)> WholeAsync(ScoreRequest request, CancellationToken cancellation) =>
        engines.AskAsync(TokenizeBody.ForMessages(request, request.Messages.Span), cancellation);

    private Task<(int[]? Tokens, OpenAiError? Error)> MessagesAsync(ScoreRequest request, Conversation conversation, Range range, CancellationToken cancellation) =>
        engines.AskAsync(TokenizeBody.ForMessages(request, conversation.Json(range)), cancellation);
}
