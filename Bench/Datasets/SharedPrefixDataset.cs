namespace LlmdAspire.Bench.Datasets;

/// <summary>Groups of users with a system prompt a group and a question a user, asked in turn, group by group and round by round.</summary>
/// <remarks>
/// The traffic of llm-d's guides. With more requests than questions the questions are asked again, as by users who come back; with
/// fewer, the first users of every group ask.
/// </remarks>
internal sealed record SharedPrefixDataset(int Groups, int PromptsPerGroup, int SystemPromptTokens, int QuestionTokens, int OutputTokens, bool Shuffles) : IDataset
{
    public bool PromisesLength => true;

    public IReadOnlyList<Conversation> Sample(int requests, DatasetTools tools)
    {
        var prefixes = new MeasuredText[Groups];
        for (var group = 0; group < Groups; group++)
        {
            prefixes[group] = tools.Text.OfLength(SystemPromptTokens);
        }

        var questions = new Conversation[Math.Min(requests, Groups * PromptsPerGroup)];
        for (var i = 0; i < questions.Length; i++)
        {
            var text = tools.Text.After(prefixes[i % Groups], QuestionTokens);
            questions[i] = Conversation.Of(new Turn(text.Utf8, text.Tokens, OutputTokens));
        }

        if (Shuffles)
        {
            tools.Random.Shuffle(questions);
        }

        return [.. Enumerable.Range(0, requests).Select(i => questions[i % questions.Length])];
    }
}
