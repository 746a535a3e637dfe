using System.Text;
using LlmdAspire.Bench.Client;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Bench.Tests.Client;

/// <summary>Times are thousandths of a second here.</summary>
public sealed class AnswerRecorderTests
{
    private const string Token = """{"choices":[{"text":"the"}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2}}""";

    [Fact]
    public void Completion_EndsWithItsLastChunkThatHasChoices()
    {
        var outcome = Record(isChat: false, (100, Token), (130, Token), (190, Usage), (200, "[DONE]"));

        Assert.Equal(0.1, outcome.TimeToFirstToken);
        Assert.Equal(new[] { 0.03 }, outcome.InterTokenLatencies);
        Assert.Equal(0.13, outcome.Latency);
        Assert.Equal((11, 2), (outcome.InputTokens, outcome.OutputTokens));
    }

    [Fact]
    public void Chat_EndsWithItsLastEvent_TheUsageIncluded() =>
        Assert.Equal(0.19, Record(isChat: true, (100, Token), (130, Token), (190, Usage), (200, "[DONE]")).Latency);

    [Fact]
    public void WithoutUsage_TheTextIsCounted_AndThePromptIsWhatItWas()
    {
        var outcome = Record(isChat: false, (100, Token), (130, Token), (150, Token));

        Assert.Equal("thethethe", outcome.Text);
        Assert.Equal((99, 3), (outcome.InputTokens, outcome.OutputTokens));
    }

    [Fact]
    public void AfterBegin_NothingIsLeftOfTheAnswerBefore()
    {
        var recorder = new AnswerRecorder(isChat: false, 1000);
        recorder.Begin(0);
        recorder.Take(Encoding.UTF8.GetBytes(Token), 50);
        recorder.Take(Encoding.UTF8.GetBytes(Usage), 60);

        recorder.Begin(1000);

        Assert.False(recorder.HasChoices);
        var outcome = recorder.ToOutcome(99, BuiltinTokenizer.Instance, keepsText: true);
        Assert.Equal((0.0, 0.0, 99, 0, ""), (outcome.TimeToFirstToken, outcome.Latency, outcome.InputTokens, outcome.OutputTokens, outcome.Text));
        Assert.Empty(outcome.InterTokenLatencies);
    }

    private static RequestOutcome Record(bool isChat, params (long At, string Data)[] events)
    {
        var recorder = new AnswerRecorder(isChat, 1000);
        recorder.Begin(0);
        foreach (var (at, data) in events)
        {
            recorder.Take(Encoding.UTF8.GetBytes(data), at);
        }

        return recorder.ToOutcome(99, BuiltinTokenizer.Instance, keepsText: true);
    }
}
