using System.Buffers;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Serving.KvIndex;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Indexer;

/// <summary>Asks the KvIndexer about a request's prompt before a policy decides.</summary>
internal sealed class PrefixLookup(IndexerClient indexer, RouterMetrics metrics)
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "kv-indexer";

    /// <summary>Asks within the deadline; never throws but for cancellation.</summary>
    /// <returns>Null when there is no prompt to ask about.</returns>
    public async ValueTask<HeldPrefixes?> FindAsync(RequestPeek peek, ReadOnlySequence<byte> body, CancellationToken cancellationToken)
    {
        if (peek.PromptKind == PromptKind.None)
        {
            return null;
        }

        var question = new ScoreQuestion(
            peek.Model, peek.PromptKind, Slice(body, peek.Prompt), peek.CacheSalt, [.. (peek.TemplateMembers ?? []).Select(member => Slice(body, member))]);
        var (reply, failure) = await indexer.AskAsync(question, cancellationToken);
        metrics.AskedIndexer(reply?.Took, failure);
        return new(reply, failure);
    }

    private static ReadOnlySequence<byte> Slice(ReadOnlySequence<byte> body, ByteRange range) => body.Slice(range.Start, range.Length);
}
