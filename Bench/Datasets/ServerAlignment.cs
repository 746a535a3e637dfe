using System.Text;
using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Datasets;

/// <summary>Fits random prompts to the server's tokenizer, so that they have the length that was asked for there and not only here.</summary>
/// <remarks>
/// One prompt shows whether the two tokenizers agree; only if they do not are all prompts asked about. They are fitted side by side, each with random text of its own,
/// so that the same seed gives the same prompts whichever is ready first; a prompt that is sent several times is fitted once.
/// </remarks>
internal sealed class ServerAlignment(ServerInfo server, string model, RandomText words, long seed)
{
    private const int Tries = 10;
    private const int AtATime = 16;

    /// <summary>The conversations with fitted prompts; null when the server does not tell its tokens.</summary>
    public async Task<IReadOnlyList<Conversation>?> FitAsync(IReadOnlyList<Conversation> conversations, CancellationToken stop)
    {
        var sample = conversations[0].Turns[0];
        var text = Encoding.UTF8.GetString(sample.Text);
        if (await server.TokenizeAsync(model, text, addsSpecialTokens: true, stop) is not { } whole
            || await server.TokenizeAsync(model, text, addsSpecialTokens: false, stop) is not { } plain)
        {
            return null;
        }

        if (whole.Length == sample.InputTokens)
        {
            return conversations;
        }

        // What the server adds by itself, a beginning-of-text token for example, belongs to the length.
        var added = whole.Length - plain.Length;
        var turns = conversations.Select(conversation => conversation.Turns[0]).Distinct(ReferenceEqualityComparer.Instance).Cast<Turn>().ToArray();
        var fitted = new Conversation[turns.Length];
        await Parallel.ForAsync(0, turns.Length, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = stop }, async (i, cancelled) =>
            fitted[i] = Conversation.Of(await FitAsync(turns[i], words.With(RandomOf(i)), added, cancelled)));
        var places = turns.Index().ToDictionary(turn => (object)turn.Item, turn => turn.Index, ReferenceEqualityComparer.Instance);
        return [.. conversations.Select(conversation => fitted[places[conversation.Turns[0]]])];
    }

    private async Task<Turn> FitAsync(Turn turn, RandomText more, int added, CancellationToken stop)
    {
        var wanted = Math.Max(1, turn.InputTokens - added);
        var text = Encoding.UTF8.GetString(turn.Text);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (await server.TokenizeAsync(model, text, addsSpecialTokens: false, stop) is not { } tokens)
            {
                break;
            }

            if (tokens.Length == wanted)
            {
                return turn with { Text = Encoding.UTF8.GetBytes(text), InputTokens = wanted + added };
            }

            if (tokens.Length < wanted)
            {
                text += Encoding.UTF8.GetString(more.OfLength(wanted - tokens.Length).Utf8);
            }
            else if (await server.DetokenizeAsync(model, tokens[..wanted], stop) is { } shorter)
            {
                text = shorter;
            }
            else
            {
                break;
            }
        }

        return turn with { Text = Encoding.UTF8.GetBytes(text) };
    }

    // Mixed, so that neighbouring seeds share no text, as a sum of seed and place would.
    private Random RandomOf(int place) => new((int)(unchecked(((ulong)seed * 0x9E3779B97F4A7C15) + ((ulong)place * 0xBF58476D1CE4E5B9)) >> 32));
}
