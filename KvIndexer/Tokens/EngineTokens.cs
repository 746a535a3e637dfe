using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Asks whichever engine answers for tokens. Thread-safe.</summary>
/// <remarks>Any engine that serves the model knows its tokens; they take turns, and one that fails is stepped over.</remarks>
internal sealed class EngineTokens(EndpointCatalog catalog, EngineClient engines) : ITextTokens
{
    private int _turn;

    public Task<(int[]? Tokens, OpenAiError? Error)> TokenizeAsync(ScoreRequest request, ReadOnlyMemory<byte> text, bool isBeginning, CancellationToken cancellation) =>
        AskAsync(TokenizeBody.ForText(request, text.Span, isBeginning), cancellation);

    /// <summary>The tokens, or what to answer the client.</summary>
    /// <param name="body">One of <see cref="TokenizeBody"/>.</param>
    public async Task<(int[]? Tokens, OpenAiError? Error)> AskAsync(byte[] body, CancellationToken cancellation)
    {
        OpenAiError? refusal = null;
        foreach (var engine in InTurn())
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

    private IEnumerable<EndpointId> InTurn()
    {
        var addresses = catalog.All.GroupBy(endpoint => endpoint.Engine.Address)
            .OrderByDescending(ranks => ranks.Any(rank => rank.Connected))
            .Select(ranks => (Address: ranks.Key, Connected: ranks.Any(rank => rank.Connected))).ToList();
        var connected = Math.Max(1, addresses.Count(engine => engine.Connected));
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)connected);
        return addresses.Take(connected).Skip(first).Concat(addresses.Take(Math.Min(first, connected))).Concat(addresses.Skip(connected))
            .Select(engine => engine.Address);
    }
}
