using LlmdAspire.EngineModel.Text;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What the model pretends to think of each token: a function of token and position alone, so that it never depends on load.</summary>
/// <remarks>The token that stands there is always the likeliest; the others share what is left, each half of the one before, so that all together stay below 1.</remarks>
internal static class TokenProbabilities
{
    /// <summary>Log probability of the token that stands at a position.</summary>
    public static double Of(int token, int position) => Math.Round(Math.Log(Probability(token, position)), 6);

    /// <summary>The likeliest tokens at a position, the one that stands there first.</summary>
    public static IEnumerable<(int Token, double Logprob)> Top(int token, int position, int count, int vocabulary)
    {
        yield return (token, Of(token, position));
        var left = 1 - Probability(token, position);
        var key = Key(token, position);
        for (var rank = 1; rank < Math.Min(count, vocabulary); rank++)
        {
            left /= 2;
            // By steps of a width that the key decides; a token comes again only after as many ranks as such steps fit into the vocabulary.
            var other = (int)((uint)(token + (long)rank * (1 + (2 * (int)(key % 1000)))) % (uint)vocabulary);
            yield return (other == token ? (token + 1) % vocabulary : other, Math.Round(Math.Max(Math.Log(left), -9999), 6));
        }
    }

    private static double Probability(int token, int position) => 0.5 + (0.49 * (Key(token, position) % 1_000_000 / 1e6));

    private static ulong Key(int token, int position) => TextKey.Mix(((ulong)(uint)position << 32) | (uint)token);
}
