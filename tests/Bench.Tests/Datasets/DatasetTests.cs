using System.Text;
using LlmdAspire.Bench.Datasets;
using LlmdAspire.Bench.Tests.Runs;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Tests.Datasets;

public sealed class DatasetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(2000)]
    public void Random_PromptsHaveExactlyTheTokensAsked(int length)
    {
        var conversations = new RandomDataset(length, 10, default, PrefixTokens: 0).Sample(50, Tools());

        Assert.All(conversations, conversation => Assert.Equal(length, Count(Only(conversation))));
        Assert.All(conversations, conversation => Assert.Equal((length, 10), (Only(conversation).InputTokens, Only(conversation).OutputTokens)));
    }

    [Fact]
    public void Random_LengthsAreSpreadEvenlyOverTheirRange()
    {
        var conversations = new RandomDataset(101, 50, new RangeRatio(0.25, 0.125), 0).Sample(3000, Tools());

        // floor(101 * 0.75) to ceil(101 * 1.25), and floor(50 * 0.875) to ceil(50 * 1.125).
        var inputs = conversations.Select(conversation => Only(conversation).InputTokens).ToList();
        Assert.Equal((75, 127), (inputs.Min(), inputs.Max()));
        Assert.Equal(101, inputs.Average(), 1.0);
        // A uniform distribution over n numbers has variance (n^2 - 1) / 12.
        Assert.Equal((53 * 53 - 1) / 12.0, inputs.Average(input => Math.Pow(input - inputs.Average(), 2)), 15.0);
        Assert.Equal(Enumerable.Range(43, 15), conversations.Select(conversation => Only(conversation).OutputTokens).Distinct().Order());
    }

    [Fact]
    public void Random_PrefixIsCommonAndComesOnTop()
    {
        var texts = Texts(new RandomDataset(20, 1, default, PrefixTokens: 30).Sample(10, Tools()));

        Assert.All(texts, text => Assert.Equal(50, Count(text)));
        Assert.Equal(30, Count(CommonBeginning(texts)));
    }

    [Fact]
    public void Random_WithoutPrefix_SharesNothing() =>
        Assert.True(Count(CommonBeginning(Texts(new RandomDataset(20, 1, default, 0).Sample(50, Tools())))) <= 1);

    [Fact]
    public void EqualSeeds_GiveEqualPrompts_OthersDoNot()
    {
        var dataset = new RandomDataset(20, 1, new RangeRatio(0.5, 0.5), 0);

        Assert.Equal(Texts(dataset.Sample(20, Tools(5))), Texts(dataset.Sample(20, Tools(5))));
        Assert.NotEqual(Texts(dataset.Sample(20, Tools(5))), Texts(dataset.Sample(20, Tools(6))));
    }

    [Fact]
    public void PrefixRepetition_HasAsManyPromptsForEachPrefix()
    {
        var conversations = new PrefixRepetitionDataset(40, 10, 3, 5, Shuffles: true).Sample(31, Tools());

        Assert.All(conversations, conversation => Assert.Equal(50, Count(Only(conversation))));
        Assert.Equal([10, 10, 10], conversations.GroupBy(conversation => Beginning(Only(conversation), 40)).Select(group => group.Count()));
        Assert.Equal(30, Texts(conversations).Distinct().Count());
    }

    [Fact]
    public void PrefixRepetition_FewerPromptsThanPrefixes_IsRefused() =>
        Assert.Contains("--prefix-repetition-num-prefixes", Assert.Throws<UsageException>(() => new PrefixRepetitionDataset(4, 4, 10, 5, true).Sample(9, Tools())).Message, StringComparison.Ordinal);

    [Fact]
    public void SharedPrefix_GroupsShareTheirSystemPrompt_AndUsersComeBack()
    {
        var conversations = new SharedPrefixDataset(Groups: 4, PromptsPerGroup: 3, 60, 12, 5, Shuffles: false).Sample(30, Tools());

        Assert.All(conversations, conversation => Assert.Equal(72, Count(Only(conversation))));
        Assert.Equal(4, conversations.Select(conversation => Beginning(Only(conversation), 60)).Distinct().Count());
        Assert.Equal(12, Texts(conversations).Distinct().Count());
        // Group by group, so that neighbours share nothing.
        Assert.Equal(4, conversations.Take(4).Select(conversation => Beginning(Only(conversation), 60)).Distinct().Count());
    }

    [Fact]
    public void MultiTurn_HasTheRequestsAsked_TheLastConversationShorter()
    {
        var conversations = new MultiTurnDataset(Turns: 4, SystemPromptTokens: 20, 10, 5, default).Sample(10, Tools());

        Assert.Equal([4, 4, 2], conversations.Select(conversation => conversation.Turns.Count));
        Assert.Equal([30, 10, 10, 10], conversations[0].Turns.Select(Count));
        Assert.Equal(Beginning(conversations[0].Turns[0], 20), Beginning(conversations[1].Turns[0], 20));
    }

    [Fact]
    public void ShareGpt_TakesFirstTurnsThatAreNeitherTooShortNorTooLong()
    {
        using var folder = new TempFolder();
        var path = folder.Write("sharegpt.json", $$"""
            [{"id":"1","conversations":[{"from":"human","value":"the the the the the"},{"from":"gpt","value":"one two six ten"}]},
             {"conversations":[{"from":"human","value":"no"},{"from":"gpt","value":"one two six ten"}]},
             {"conversations":[{"from":"human","value":"the the the the the"}]},
             {"items":[]},
             {"conversations":[{"value":"{{string.Concat(Enumerable.Repeat(" the", 1100))}}"},{"value":"one two six ten"}]}]
            """);

        var turn = Only(Assert.Single(new ShareGptDataset(path, null, Shuffles: true, Oversamples: false).Sample(10, Tools())));

        Assert.Equal("the the the the the", Encoding.UTF8.GetString(turn.Text));
        Assert.Equal((5, 4), (turn.InputTokens, turn.OutputTokens));
        Assert.Equal(10, new ShareGptDataset(path, 99, true, Oversamples: true).Sample(10, Tools()).Count(conversation => Only(conversation).OutputTokens == 99));
    }

    [Theory]
    [InlineData("{\"a\":", "is not a ShareGPT file")]
    [InlineData("[]", "has no conversation")]
    public void ShareGpt_WrongFile_IsOneLine(string text, string message)
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.json", text);

        Assert.Contains(message, Assert.Throws<UsageException>(() => new ShareGptDataset(path, null, true, true).Sample(1, Tools())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Custom_TakesPromptsAndTheirOwnLengths()
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.jsonl", "{\"prompt\":\"the\",\"output_tokens\":3}\n\n{\"prompt\":\"two the\",\"output_tokens\":4}\n");

        var turns = new CustomDataset(path, null, Shuffles: false, Oversamples: true).Sample(3, Tools()).Select(Only).ToList();

        Assert.Equal((3, 4), (turns[0].OutputTokens, turns[1].OutputTokens));
        Assert.Equal((1, 2), (turns[0].InputTokens, turns[1].InputTokens));
        Assert.Contains(Encoding.UTF8.GetString(turns[2].Text), new[] { "the", "two the" });
    }

    [Theory]
    [InlineData("{\"prompt\":\"a\"}\n{\"promt\":\"b\"}", "x.jsonl:2 has no text called 'prompt'")]
    [InlineData("nonsense", "x.jsonl:1 is not JSON")]
    [InlineData("", "which is empty")]
    public void Custom_WrongLine_IsNamed(string text, string message)
    {
        using var folder = new TempFolder();
        var path = folder.Write("x.jsonl", text);

        Assert.Contains(message, Assert.Throws<UsageException>(() => new CustomDataset(path, 5, true, true).Sample(1, Tools())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("0.5", 0.5, 0.5)]
    [InlineData("{\"input\":0.25,\"output\":0.75}", 0.25, 0.75)]
    [InlineData("{\"output\":0.75}", 0, 0.75)]
    public void RangeRatio_IsANumberOrTwo(string text, double input, double output)
    {
        Assert.True(RangeRatio.TryParse(text, out var ratio));
        Assert.Equal(new RangeRatio(input, output), ratio);
    }

    private static DatasetTools Tools(long seed = 0) => DatasetTools.Of(BuiltinTokenizer.Instance, seed);

    private static Turn Only(Conversation conversation) => Assert.Single(conversation.Turns);

    private static List<string> Texts(IEnumerable<Conversation> conversations) => [.. conversations.Select(conversation => Encoding.UTF8.GetString(Only(conversation).Text))];

    private static int Count(Turn turn) => Count(Encoding.UTF8.GetString(turn.Text));

    private static int Count(string text) => Tokens(text).Count;

    private static List<int> Tokens(string text)
    {
        var tokens = new List<int>();
        BuiltinTokenizer.Instance.Encode(text, tokens);
        return tokens;
    }

    private static string Beginning(Turn turn, int tokens) =>
        string.Join(' ', Tokens(Encoding.UTF8.GetString(turn.Text)).Take(tokens));

    private static string CommonBeginning(List<string> texts)
    {
        var tokens = texts.Select(Tokens).ToList();
        var common = Enumerable.Range(0, tokens.Min(one => one.Count)).TakeWhile(i => tokens.All(one => one[i] == tokens[0][i])).Count();
        return BuiltinTokenizer.Instance.Decode([.. tokens[0].Take(common)]);
    }
}
