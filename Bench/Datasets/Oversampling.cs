namespace LlmdAspire.Bench.Datasets;

/// <summary>Repeats prompts of a file that has fewer than wanted.</summary>
internal static class Oversampling
{
    public static IReadOnlyList<Conversation> Fill(List<Conversation> conversations, int wanted, Random random)
    {
        var distinct = conversations.Count;
        while (distinct > 0 && conversations.Count < wanted)
        {
            conversations.Add(conversations[random.Next(distinct)]);
        }

        return conversations;
    }
}
