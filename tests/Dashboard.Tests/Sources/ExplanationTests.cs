using System.Text.Json;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Tests.Sources;

public sealed class ExplanationTests
{
    [Fact]
    public void Read_TakesEveryScoreOfEveryCandidate()
    {
        var explanation = Explanation.Read("cmpl-1", JsonSerializer.Deserialize<JsonElement>("""
            {"request_id":"cmpl-1","endpoint":"http://a:1@2","prefill_endpoint":"http://b:1","policy":"scheduler","reason":"longest prefix","age_ms":3,
             "candidates":[{"endpoint":"http://a:1@2","eligible":true,"scores":{"prefix":0.8},"total":1.6},
                           {"endpoint":"http://c:1","eligible":false,"scores":{"queue":0.1,"odd":"text"},"total":null}]}
            """));

        Assert.Equal(("http://a:1@2", "http://b:1", "scheduler", "longest prefix"), (explanation.Endpoint, explanation.PrefillEndpoint, explanation.Policy, explanation.Reason));
        Assert.Equal(["prefix", "queue"], explanation.ScoreNames);
        Assert.False(explanation.Candidates[1].Eligible);
        Assert.Null(explanation.Candidates[1].Total);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"candidates":[1,null,{"endpoint":5}],"reason":{}}""")]
    public void Read_OfAnythingElse_IsAnExplanationThatSaysNothing(string json)
    {
        var explanation = Explanation.Read("cmpl-1", JsonSerializer.Deserialize<JsonElement>(json));

        Assert.Null(explanation.Reason);
        Assert.Empty(explanation.Candidates);
    }
}
