using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Finds the tokens that a prompt becomes: from the request, from the cache, or from an engine's <c>/tokenize</c>.</summary>
/// <remarks>
/// A text that was seen before costs nothing; one whose beginning was seen has only its end tokenised, cut where it is safe (<see cref="SafeCuts"/>, checked
/// once per model). A conversation is rendered by the engine's own template, so only an equal one is found in the cache. Thread-safe.
/// </remarks>
internal sealed class PromptTokens(EndpointCatalog catalog, EngineClient engines, TokenCache cache, IndexerMetrics metrics)
{
    /// <summary>Shorter texts are not worth cutting.</summary>
    private const int MinCutBytes = 2 * SafeCuts.Spacing;
    private const int MaxCheckedModels = 1024;

    private readonly ConcurrentDictionary<string, bool> _cuttable = new();
    private int _turn;

    /// <summary>The tokens, or what to answer the client.</summary>
    public async Task<(int[]? Tokens, OpenAiError? Error)> FindAsync(ScoreRequest request, CancellationToken cancellation)
    {
        if (request.TokenIds is { } given)
        {
            return (given, null);
        }

        var whole = KeyOf(request, request.Prompt ?? request.Messages);
        if (cache.TryGet(whole, out var known))
        {
            metrics.TokenCache("all");
            return (known, null);
        }

        var result = request.Prompt is { Length: >= MinCutBytes } text && _cuttable.GetValueOrDefault(request.Model, true)
            ? await CutAsync(request, text, cancellation)
            : await AskAsync(request, TextOf(request), cancellation);
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
            return await AskAsync(request, text, cancellation);
        }

        var last = cuts[^1];
        var (known, from) = LongestKnown(request, text, cuts);
        metrics.TokenCache(from > 0 ? "beginning" : "nothing");
        var middle = from == last ? null : AskAsync(request, text[from..last], cancellation, isBeginning: from == 0);
        var end = AskAsync(request, text[last..], cancellation, isBeginning: false);
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
            var (together, failed) = await AskAsync(request, text, cancellation);
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

    // Spelled out: an absent array would become an empty text.
    private static ReadOnlyMemory<byte>? TextOf(ScoreRequest request) => request.Prompt is { } text ? text : default(ReadOnlyMemory<byte>?);

    private (int[] Tokens, int Length) LongestKnown(ScoreRequest request, ReadOnlyMemory<byte> text, List<int> cuts)
    {
        if (_cuttable.ContainsKey(request.Model))
        {
            for (var i = cuts.Count - 1; i >= 0; i--)
            {
                if (cache.TryGet(KeyOf(request, text[..cuts[i]]), out var tokens))
                {
                    return (tokens, cuts[i]);
                }
            }
        }

        return ([], 0);
    }

    // Any engine that serves the model knows its tokens; they take turns, and one that fails is stepped over.
    private async Task<(int[]? Tokens, OpenAiError? Error)> AskAsync(
        ScoreRequest request, ReadOnlyMemory<byte>? text, CancellationToken cancellation, bool isBeginning = true)
    {
        var body = BodyFor(request, text, isBeginning);
        OpenAiError? refusal = null;
        foreach (var engine in EnginesInTurn())
        {
            var answer = await engines.TokenizeAsync(engine, body, cancellation);
            if (answer.Tokens is not null)
            {
                return (answer.Tokens, null);
            }

            // Another engine may serve the model; a prompt that one finds wrong is wrong for all of them.
            refusal = answer.Status is >= 400 and < 500 ? OpenAiError.OfStatus(answer.Status, answer.Error!) : refusal;
            if (answer.Status is 400 or 422)
            {
                break;
            }
        }

        return (null, refusal ?? OpenAiError.OfStatus(503, "No engine could be asked for the prompt's tokens; send token_ids, or try again when an engine answers."));
    }

    private IEnumerable<EndpointId> EnginesInTurn()
    {
        var addresses = catalog.All.GroupBy(endpoint => endpoint.Engine.Address)
            .OrderByDescending(ranks => ranks.Any(rank => rank.Connected))
            .Select(ranks => (Address: ranks.Key, Connected: ranks.Any(rank => rank.Connected))).ToList();
        var connected = Math.Max(1, addresses.Count(engine => engine.Connected));
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)connected);
        return addresses.Take(connected).Skip(first).Concat(addresses.Take(Math.Min(first, connected))).Concat(addresses.Skip(connected))
            .Select(engine => engine.Address);
    }

    private static byte[] BodyFor(ScoreRequest request, ReadOnlyMemory<byte>? text, bool isBeginning)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (text?.Length ?? request.Messages.Length));
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", request.Model);
            if (text is { } prompt)
            {
                json.WriteString("prompt", prompt.Span);
            }
            else
            {
                json.WritePropertyName("messages");
                json.WriteRawValue(request.Messages.Span);
            }

            if (!isBeginning)
            {
                // The marks that begin a text stand at its beginning only.
                json.WriteBoolean("add_special_tokens", false);
            }

            foreach (var passed in request.Passed)
            {
                var colon = passed.Span.IndexOf((byte)':');
                var name = Encoding.UTF8.GetString(passed.Span[..colon].Trim(" \t\r\n\""u8));
                if (isBeginning || name != "add_special_tokens")
                {
                    json.WritePropertyName(name);
                    json.WriteRawValue(passed.Span[(colon + 1)..]);
                }
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static UInt128 KeyOf(ScoreRequest request, ReadOnlyMemory<byte> text) => new(Hash(request, text, 0), Hash(request, text, 1));

    private static ulong Hash(ScoreRequest request, ReadOnlyMemory<byte> text, ulong seed)
    {
        var hash = XxHash64.Begin(seed);
        var model = Encoding.UTF8.GetBytes(request.Model);
        hash.Append((ulong)model.Length);
        hash.Append(model);
        hash.Append(request.Prompt is null ? 1UL : 0UL);
        foreach (var passed in request.Passed)
        {
            hash.Append((ulong)passed.Length);
            hash.Append(passed.Span);
        }

        hash.Append(ulong.MaxValue);
        hash.Append(text.Span);
        return hash.Current;
    }
}
