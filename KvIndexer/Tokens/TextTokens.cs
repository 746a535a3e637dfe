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
        var keys = KeysOf(request, text.Span, cuts);
        var (known, from) = LongestKnown(request.Model, cuts, keys);
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
        // Looked at now and not before the waits: meanwhile another text may have shown that this model's texts cannot be cut.
        if (!_cuttable.TryGetValue(request.Model, out var cuttable) || !cuttable)
        {
            // The first time for this model: together and apart must be the same.
            var (together, failed) = await tokenizer.TokenizeAsync(request, text, isBeginning: true, cancellation);
            if (together is null)
            {
                return (null, failed);
            }

            if (!Learn(request.Model, together.AsSpan().SequenceEqual(all)))
            {
                return (together, null);
            }
        }

        cache.Put(keys[^1], head);
        return (all, null);
    }

    /// <summary>Notes what a comparison found; one that differed outweighs all that agreed.</summary>
    /// <returns>Whether the model's texts can be cut, as far as is known.</returns>
    private bool Learn(string model, bool same)
    {
        if (_cuttable.Count < MaxCheckedModels || _cuttable.ContainsKey(model))
        {
            return _cuttable.AddOrUpdate(model, same, (_, before) => before && same);
        }

        return same;
    }

    private (int[] Tokens, int Length) LongestKnown(string model, List<int> cuts, UInt128[] keys)
    {
        if (_cuttable.GetValueOrDefault(model))
        {
            for (var i = cuts.Count - 1; i >= 0; i--)
            {
                if (cache.TryGet(keys[i], TimeSpan.MaxValue, out var tokens))
                {
                    return (tokens, cuts[i]);
                }
            }
        }

        return ([], 0);
    }

    // The text up to each cut, in one pass over it.
    private static UInt128[] KeysOf(ScoreRequest request, ReadOnlySpan<byte> text, List<int> cuts)
    {
        var key = new PromptKey(request, kind: 0);
        var keys = new UInt128[cuts.Count];
        var from = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            key.Append(text[from..cuts[i]]);
            from = cuts[i];
            keys[i] = key.Current;
        }

        return keys;
    }

    private static UInt128 KeyOf(ScoreRequest request, ReadOnlyMemory<byte> text)
    {
        var key = new PromptKey(request, kind: 0);
        key.Append(text.Span);
        return key.Current;
    }
}
