using System.Text;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":5,"total_tokens":9,"completion_tokens":4}}""", 5, 4, null)]
    [InlineData("""..tail"},"usage" : {"prompt_tokens":5,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}},"kv":1}""", 5, 4, 3L)]
    [InlineData("""{"usage":{"input_tokens":8,"input_tokens_details":{"cached_tokens":0},"output_tokens":2}}""", 8, 2, 0L)]
    [InlineData("data: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\ndata: {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n", 1, 2, null)]
    [InlineData("""{"usage":{"prompt_tokens":1,"completion_tokens":2}} {"text":"\"usage\": none","usage":null}""", 1, 2, null)]
    public void LastUsage_IsFound(string tail, long prompt, long completion, long? cached) =>
        Assert.Equal(new Usage(prompt, completion, cached), Usage.FindLast(Encoding.UTF8.GetBytes(tail)));

    [Theory]
    [InlineData("")]
    [InlineData("\"usage\"")]
    [InlineData("\"usage\":{\"prompt_tokens\":1")]
    [InlineData("\"usage\":{\"prompt_tokens\":\"x\",\"completion_tokens\":1}")]
    [InlineData("\"usage\":[1]")]
    public void NoUsage_IsNone(string tail) => Assert.Null(Usage.FindLast(Encoding.UTF8.GetBytes(tail)));
}
