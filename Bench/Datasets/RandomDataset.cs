namespace LlmdAspire.Bench.Datasets;

/// <summary>Prompts without meaning, each different from the first token on, except for a common prefix if one is asked for.</summary>
internal sealed record RandomDataset(int InputTokens, int OutputTokens, RangeRatio Ratio, int PrefixTokens) : IDataset
{
    public bool PromisesLength => true;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var inputs = LengthRange.Around(InputTokens, Ratio.Input);
        var outputs = LengthRange.Around(OutputTokens, Ratio.Output);
        var prefix = tools.Text.OfLength(PrefixTokens);
        var conversations = new Conversation[requests];
        for (var i = 0; i < requests; i++)
        {
            var text = tools.Text.After(prefix, inputs.Sample(tools.Random));
            conversations[i] = Conversation.Of(new Turn(text.Utf8, text.Tokens, outputs.Sample(tools.Random)));
        }

        return conversations;
    }
}
