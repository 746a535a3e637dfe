using System.Text;
using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Datasets;

/// <summary>Fits random prompts to the server's tokenizer, so that they have the length that was asked for there and not only here.</summary>
/// <remarks>One prompt shows whether the two tokenizers agree; only if they do not are all prompts asked about.</remarks>
internal sealed class ServerAlignment(ServerInfo server, string model, RandomText words)
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
        var fitted = new Conversation[conversations.Count];
        await Parallel.ForAsync(0, conversations.Count, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = stop }, async (i, cancelled) =>
            fitted[i] = Conversation.Of(await FitAsync(conversations[i].Turns[0], added, cancelled)));
        return fitted;
    }

    private async Task<Turn> FitAsync(Turn turn, int added, CancellationToken stop)
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
                text += More(wanted - tokens.Length);
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

    // Prompts are fitted side by side, and random text is made one at a time.
    private string More(int tokens)
    {
        lock (words)
        {
            return Encoding.UTF8.GetString(words.OfLength(tokens).Utf8);
        }
    }
}
