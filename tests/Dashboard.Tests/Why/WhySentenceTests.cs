using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.Why;

namespace LlmdAspire.Dashboard.Tests.Why;

public sealed class WhySentenceTests
{
    [Theory]
    // The prefix decides.
    [InlineData(0, 1984, 1, 1, "skipped", "indexer", "decode-1 because it holds 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute")]
    [InlineData(512, 1984, 1, 0.2, "not_configured", "indexer", "decode-1 because it holds 1,984 of 2,000 prompt tokens")]
    [InlineData(0, 1984, 1, 1, "skipped", "approximate", "decode-1 because it should hold 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute")]
    // Both hold the same, or nobody anything: the rest decides.
    [InlineData(512, 512, 0, 1, "not_configured", "indexer", "decode-1 because it holds 512 of 2,000 prompt tokens, as decode-0 does, and has fewer requests waiting")]
    [InlineData(0, 0, 0, 1, "separate", "indexer", "decode-1 because it has fewer requests waiting; no candidate holds any of its 2,000 tokens; prefill on prefill-0: 2,000 tokens to compute")]
    [InlineData(0, 0, 1, 1, "no_endpoint", "approximate", "decode-1 because it was drawn among two that are equally good; no candidate is known to hold any of its 2,000 tokens; no prefill engine was left, so it computes the prompt itself")]
    // Another one holds more.
    [InlineData(512, 0, 0, 1, "not_configured", "indexer", "decode-1 although decode-0 holds 512 of 2,000 prompt tokens: decode-1 has fewer requests waiting")]
    public void Of_ADecision_SaysWhatDecided(int held0, int held1, double queue0, double queue1, string verdict, string source, string expected) =>
        Assert.Equal(expected, WhySentence.Of(Decisions.Read(Decisions.Json((held0, held1), (queue0, queue1), verdict, source)), row: null, Decisions.Names));

    [Theory]
    [InlineData(256, 0, "prefill skipped: only 16 tokens to compute")]
    [InlineData(0, 0, "prefill skipped: the configuration switches it off")]
    [InlineData(8, 4000, "prefill skipped: the prompt has only 2,000 tokens")]
    [InlineData(8, 0, "prefill skipped")]
    public void Of_ASkippedPrefill_NamesTheMeasureThatItFellShortOf(int threshold, int least, string expected)
    {
        var decision = Decisions.Read(Decisions.Json((0, 1984), (1, 1), "skipped", threshold: threshold, least: least));

        Assert.Equal("decode-1 because it holds 1,984 of 2,000 prompt tokens; " + expected, WhySentence.Of(decision, row: null, Decisions.Names));
    }

    [Fact]
    public void Of_AScorerOfAnotherName_CallsItByThat()
    {
        var decision = Decisions.Read(Decisions.Json((0, 0), (0, 1), queueScorer: "my-own"));

        Assert.StartsWith("decode-1 because it scores higher by my-own;", WhySentence.Of(decision, row: null, Decisions.Names), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ADecisionThatCouldNotBeCarriedOut_SaysWhatHappenedInstead()
    {
        var decision = Decisions.Read(Decisions.Json((0, 0), (0, 1), "separate"));

        var sentence = WhySentence.Of(decision, Decisions.Row(endpoint: Decisions.Decode0), Decisions.Names);

        Assert.EndsWith("; prefill-0 was to prefill and did not, so the decode engine computed the prompt; decode-1 did not serve it, so decode-0 did", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no_endpoints", "no engine: the picker knew none that answers")]
    [InlineData("drained", "no engine: the picker's filters left none for this request")]
    public void Of_ARefusal_SaysWhoseItWas(string outcome, string expected)
    {
        var json = Decisions.Json((0, 0), (0, 0));
        (json["outcome"], json["endpoint"]) = (outcome, null);

        Assert.Equal(expected, WhySentence.Of(Decisions.Read(json), row: null, Decisions.Names));
    }

    [Fact]
    public void Of_TheRoutersOwnDecision_SaysItsReason()
    {
        var explanation = new Explanation("cmpl-1", Decisions.Decode1, Decisions.Prefill0, "power_of_two", "the less loaded of two drawn", []);

        Assert.Equal("decode-1: the less loaded of two drawn; prefill on prefill-0", WhySentence.Of(explanation, Decisions.Names));
    }

    [Fact]
    public void Names_ThatTwoEnginesShare_NameNeither()
    {
        var names = EngineNames.Of(
        [
            new() { Endpoint = "http://a:1", Address = "a:1", Name = "decode", Role = "decode", State = "healthy" },
            new() { Endpoint = "http://b:1", Address = "b:1", Name = "decode", Role = "decode", State = "healthy" },
            new() { Endpoint = "http://c:1@0", Address = "c:1", Rank = 0, Name = "wide", Role = "decode", State = "healthy" },
            new() { Endpoint = "http://c:1@1", Address = "c:1", Rank = 1, Name = "wide", Role = "decode", State = "healthy" },
        ]);

        Assert.Equal(["a:1", "b:1", "wide@0", "wide@1", "d:1", "–"], new[] { "http://a:1", "http://b:1", "http://c:1@0", "http://c:1@1", "http://d:1", null }.Select(names.Of));
    }
}
