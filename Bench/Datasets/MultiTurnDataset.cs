namespace LlmdAspire.Bench.Datasets;

/// <summary>Users who ask again: each request carries everything said before, the server's own answers included.</summary>
internal sealed record MultiTurnDataset(int Turns, int SystemPromptTokens, int InputTokens, int OutputTokens, RangeRatio Ratio) : IDataset
{
    // How long a later prompt is depends on the answers, so there is nothing to hold the server to.
    public bool PromisesLength => false;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var inputs = LengthRange.Around(InputTokens, Ratio.Input);
        var outputs = LengthRange.Around(OutputTokens, Ratio.Output);
        var system = tools.Text.OfLength(SystemPromptTokens);
        var conversations = new List<Conversation>();
        for (var left = requests; left > 0; left -= Turns)
        {
            var turns = new Turn[Math.Min(Turns, left)];
            for (var i = 0; i < turns.Length; i++)
            {
                var text = tools.Text.After(i == 0 ? system : MeasuredText.Empty, inputs.Sample(tools.Random));
                turns[i] = new Turn(text.Utf8, text.Tokens, outputs.Sample(tools.Random));
            }

            conversations.Add(new Conversation(turns));
        }

        return conversations;
    }
}
