using System.Collections.Concurrent;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>The tokens of a text. One whose beginning was seen has only its end tokenised, cut where it is safe (<see cref="SafeCuts"/>, checked once per model). Thread-safe.</summary>
internal sealed class TextTokens(ITextTokens tokenizer, TokenCache cache, IndexerMetrics metrics)
{
    /// <summary>Shorter texts are not worth cutting.</summary>
    private const int MinCutBytes = 2 * SafeCuts.Spacing;
    private const int MaxCheckedModels = 1024;

    private readonly ConcurrentDictionary<string, bool> _cuttable = new();

    public async Task<(int[]? Tokens, OpenAiError? Error)> FindAsync(ScoreRequest request, ReadOnlyMemory<byte> text, CancellationToken cancellation)
    {
        var whole = KeyOf(request, text);
        if (cache.TryGet(whole, TimeSpan.MaxValue, out var known))
        {
            metrics.TokenCache("all");
            return (known, null);
        }

        var result = text.Length >= MinCutBytes && _cuttable.GetValueOrDefault(request.Model, true)
            ? await CutAsync(request, text, cancellation)
            : await tokenizer.TokenizeAsync(request, text, isBeginning: true, cancellation);
        if (result.Tokens is not null)
        {
            cache.Put(whole, result.Tokens);
        }

        return result;
    }

    private async Task<(int[]? Tokens, OpenAiError? Error)> CutAsync(ScoreRequest request, ReadOnlyMemory<byte> text, CancellationToken cancellation)
    {
        var cuts = SafeCuts.Find(text.Span);
        if (cuts.Count == 0)
        {
            return await tokenizer.TokenizeAsync(request, text, isBeginning: true, cancellation);
        }

        var last = cuts[^1];
        var (known, from) = LongestKnown(request, text, cuts);
        metrics.TokenCache(from > 0 ? "beginning" : "nothing");
        var middle = from == last ? null : tokenizer.TokenizeAsync(request, text[from..last], from == 0, cancellation);
        var end = tokenizer.TokenizeAsync(request, text[last..], isBeginning: false, cancellation);
        var (middleTokens, middleError) = middle is null ? ([], null) : await middle;
        var (endTokens, endError) = await end;
        if ((middleError ?? endError) is { } error)
        {
            return (null, error);
        }

        int[] head = [.. known, .. middleTokens!];
        int[] all = [.. head, .. endTokens!];
        if (!_cuttable.ContainsKey(request.Model))
        {
            // The first time for this model: together and apart must be the same.
            var (together, failed) = await tokenizer.TokenizeAsync(request, text, isBeginning: true, cancellation);
            if (together is null)
            {
                return (null, failed);
            }

            var same = together.AsSpan().SequenceEqual(all);
            if (_cuttable.Count < MaxCheckedModels)
            {
                _cuttable[request.Model] = same;
            }

            if (!same)
            {
                return (together, null);
            }
        }

        cache.Put(KeyOf(request, text[..last]), head);
        return (all, null);
    }

    private (int[] Tokens, int Length) LongestKnown(ScoreRequest request, ReadOnlyMemory<byte> text, List<int> cuts)
    {
        if (_cuttable.ContainsKey(request.Model))
        {
            for (var i = cuts.Count - 1; i >= 0; i--)
            {
                if (cache.TryGet(KeyOf(request, text[..cuts[i]]), TimeSpan.MaxValue, out var tokens))
                {
                    return (tokens, cuts[i]);
                }
            }
        }

        return ([], 0);
    }

    private static UInt128 KeyOf(ScoreRequest request, ReadOnlyMemory<byte> text)
    {
        var key = new PromptKey(request, kind: 0);
        key.Append(text.Span);
        return key.Current;
    }
}
