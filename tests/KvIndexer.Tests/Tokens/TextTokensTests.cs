using System.Text;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

public sealed class TextTokensTests
{
    private static readonly byte[] s_words = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("some more words ", 300)));

    [Fact]
    public async Task TextThatWaitsWhileCuttingIsRefuted_IsTokenizedWhole()
    {
        using var metrics = new IndexerMetrics();
        var tokenizer = new HeldTokenizer();
        var texts = new TextTokens(tokenizer, new TokenCache(1 << 20, TimeProvider.System), metrics);
        // The first is cut before anything is known of the model, and comes back from its waits after the second has shown that cuts are wrong.
        tokenizer.Hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = FindAsync(texts, [.. s_words, .. "abc"u8]);
        var held = tokenizer.Hold;
        tokenizer.Hold = null;
        Assert.Equal(HeldTokenizer.Tokens(s_words), await FindAsync(texts, s_words));
        held.SetResult();

        Assert.Equal(HeldTokenizer.Tokens([.. s_words, .. "abc"u8]), await first);
        Assert.Equal(HeldTokenizer.Tokens([.. s_words, .. "abcdef"u8]), await FindAsync(texts, [.. s_words, .. "abcdef"u8]));
    }

    private static async Task<int[]?> FindAsync(TextTokens texts, byte[] text)
    {
        var request = ScoreRequest.Read("""{"model":"m","prompt":"x"}"""u8.ToArray(), out _)!;
        return (await texts.FindAsync(request, text, CancellationToken.None)).Tokens;
    }

    /// <summary>Every three bytes a token, whatever they are: no place is safe to cut.</summary>
    private sealed class HeldTokenizer : ITextTokens
    {
        public TaskCompletionSource? Hold { get; set; }

        public static int[] Tokens(byte[] text) => [.. text.Chunk(3).Select(chunk => (chunk[0] * 7) + chunk.Length)];

        public async Task<(int[]? Tokens, OpenAiError? Error)> TokenizeAsync(
            ScoreRequest request, ReadOnlyMemory<byte> text, bool isBeginning, CancellationToken cancellation)
        {
            if (Hold is { } hold)
            {
                await hold.Task;
            }

            return (Tokens(text.ToArray()), null);
        }
    }
}
