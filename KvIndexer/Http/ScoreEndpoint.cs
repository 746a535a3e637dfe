using LlmdAspire.KvIndexer.Scoring;
using LlmdAspire.KvIndexer.Sharing;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Http;

/// <summary><c>POST /v1/score</c>: who holds how much of a prompt.</summary>
internal sealed class ScoreEndpoint(PromptTokens prompts, PrefixScorer scorer, BlockKeys keys, SharedIndex shared, KvIndexerFlags flags, IHostApplicationLifetime lifetime)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (await IndexerJson.ReadBodyAsync(context, flags.MaxBodyBytes) is not { } body)
        {
            return;
        }

        using var span = IndexerMetrics.Spans.StartActivity("score");
        if (ScoreRequest.Read(body, out var error) is not { } request)
        {
            await IndexerJson.WriteAsync(context, error!);
            return;
        }

        // Not cancelled with the request: whoever asks again finds the tokens in the cache.
        var (tokens, failed) = await prompts.FindAsync(request, lifetime.ApplicationStopping).WaitAsync(context.RequestAborted);
        if (tokens is null)
        {
            await IndexerJson.WriteAsync(context, failed!);
            return;
        }

        var matches = scorer.Score(request.Lora is { Length: > 0 } adapter ? adapter : request.Model, request.CacheSalt, tokens, request.Endpoints);
        if (span is not null)
        {
            _ = span.SetTag("gen_ai.request.model", request.Model).SetTag("llmd.tokens", tokens.Length).SetTag("llmd.matches", matches.Count)
                .SetTag("llmd.best.endpoint", matches.Count > 0 ? matches[0].Endpoint : null).SetTag("llmd.best.blocks", matches.Count > 0 ? matches[0].Blocks : 0);
        }

        await IndexerJson.WriteAsync(context, new
        {
            request.Model,
            keys.BlockSize,
            Tokens = tokens.Length,
            Blocks = keys.CountBlocks(tokens.Length),
            // An answer needs nothing but this process; it may know less than all replicas together.
            Degraded = shared.IsDegraded,
            Matches = matches,
        });
    }
}
