using System.Text.Json;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Tests.Sources;

public sealed class WorkerTests
{
    [Theory]
    [InlineData("http://10.0.0.5:8000", "http://10.0.0.5:8000/", null)]
    [InlineData("http://10.0.0.5:8000@3", "http://10.0.0.5:8000/", 3)]
    [InlineData("http://[::1]:8000@0", "http://[::1]:8000/", 0)]
    public void ReadList_SplitsTheRankFromTheAddress(string url, string address, int? rank)
    {
        var worker = Assert.Single(Worker.ReadList(Json($$"""{"workers":[{"url":"{{url}}","is_healthy":true}]}""")));

        Assert.Equal((url, address, rank), (worker.Endpoint, worker.Address.ToString(), worker.Rank));
    }

    [Theory]
    [InlineData("""{"workers":[{"url":"file:///etc/passwd"},{"url":"not a url"},{"url":7},{},null]}""")]
    [InlineData("""{"workers":"none"}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public void ReadList_OfAnythingElse_HasNoEngines(string json) => Assert.Empty(Worker.ReadList(Json(json)));

    [Theory]
    [InlineData("""{"workers":[{"model_id":"a","models":["a","lora"]},{"model_id":"b","models":["b","a"]}]}""", new[] { "a", "lora", "b" })]
    [InlineData("""{"workers":[{"model_id":"a"},{"model_id":"unknown","models":[]},{"models":[7,null]},7]}""", new[] { "a" })]
    [InlineData("7", new string[0])]
    public void ReadModels_AreThoseOfAllEngines(string json, string[] expected) => Assert.Equal(expected, Worker.ReadModels(Json(json)));

    [Fact]
    public void ReadList_IsBounded()
    {
        var many = string.Join(',', Enumerable.Range(0, 1000).Select(rank => $$"""{"url":"http://a:1@{{rank}}"}"""));

        Assert.Equal(Worker.MaxCount, Worker.ReadList(Json($$"""{"workers":[{{many}}]}""")).Count);
    }

    private static JsonElement Json(string json) => JsonSerializer.Deserialize<JsonElement>(json);
}
