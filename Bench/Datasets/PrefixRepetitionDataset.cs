using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Datasets;

/// <summary>A few long prefixes, each followed by many different suffixes; as many prompts for one prefix as for any other.</summary>
internal sealed record PrefixRepetitionDataset(int PrefixTokens, int SuffixTokens, int Prefixes, int OutputTokens, bool Shuffles) : IDataset
{
    public bool PromisesLength => true;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var each = requests / Prefixes;
        if (each == 0)
        {
            throw new UsageException($"--num-prompts is {requests}; it must be at least --prefix-repetition-num-prefixes, which is {Prefixes}.");
        }

        var conversations = new List<Conversation>(each * Prefixes);
        for (var i = 0; i < Prefixes; i++)
        {
            var prefix = tools.Text.OfLength(PrefixTokens);
            for (var j = 0; j < each; j++)
            {
                var text = tools.Text.After(prefix, SuffixTokens);
                conversations.Add(Conversation.Of(new Turn(text.Utf8, text.Tokens, OutputTokens)));
            }
        }

        if (Shuffles)
        {
            tools.Random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(conversations));
        }

        return conversations;
    }
}
