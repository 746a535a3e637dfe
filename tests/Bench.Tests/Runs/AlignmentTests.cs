using System.Text.Json;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>Prompts get the wanted length in the server's tokens, whatever they have in ours.</summary>
public sealed class AlignmentTests
{
    [Theory]
    [InlineData(20)] // More bytes than tokens wanted: cut.
    [InlineData(2)]
    public async Task PromptsAreFittedToAServerThatCountsBytesAndAddsAToken(int length)
    {
        var prompts = new List<string>();
        await using var engine = new ScriptedSocketEngine(connection => AnswerAsync(connection, prompts));

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--model", "m", "--num-prompts", "30", "--input-len", $"{length}", "--output-len", "1");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("fitted", run.Error, StringComparison.Ordinal);
        Assert.Equal(30, prompts.Count);
        Assert.All(prompts, prompt => Assert.Equal(length - 1, prompt.Length));
    }

    [Fact]
    public async Task SameSeed_SamePrompts_AndARepeatedOneIsFittedOnce()
    {
        var (first, second) = (await PromptsAsync(), await PromptsAsync());

        // As they were sent side by side, they arrived in any order.
        Assert.Equal(first.Order(StringComparer.Ordinal), second.Order(StringComparer.Ordinal));
        Assert.Equal(6, first.Distinct().Count());

        static async Task<List<string>> PromptsAsync()
        {
            var prompts = new List<string>();
            // Fewer tokens than ours, so that random text is added.
            await using var engine = new ScriptedSocketEngine(connection => AnswerAsync(connection, prompts, bytesInAToken: 20));
            var run = await BenchTool.RunAsync(
                "serve", "--base-url", engine.Url, "--model", "m", "--dataset-name", "shared_prefix", "--num-prompts", "30", "--num-groups", "2", "--num-prompts-per-group", "3");
            Assert.Equal(0, run.ExitCode);
            Assert.Equal(30, prompts.Count);
            return prompts;
        }
    }

    private static async Task AnswerAsync(ScriptedConnection connection, List<string> prompts, int bytesInAToken = 1)
    {
        using var body = JsonDocument.Parse(connection.Body);
        switch (connection.Path)
        {
            case "/tokenize":
                var text = body.RootElement.GetProperty("prompt").GetString()!;
                var tokens = text.Chunk(bytesInAToken).Select(letters => (int)letters[0]).ToList();
                if (body.RootElement.GetProperty("add_special_tokens").GetBoolean())
                {
                    tokens.Insert(0, 1000);
                }

                await ReplyAsync(connection, $$"""{"count":{{tokens.Count}},"tokens":[{{string.Join(",", tokens)}}]}""");
                break;
            case "/detokenize":
                var letters = body.RootElement.GetProperty("tokens").EnumerateArray().Select(token => (char)token.GetInt32());
                await ReplyAsync(connection, JsonSerializer.Serialize(new { prompt = string.Concat(letters) }));
                break;
            default:
                lock (prompts)
                {
                    prompts.Add(body.RootElement.GetProperty("prompt").GetString()!);
                }

                await ReplyAsync(connection, "data: {\"choices\":[{\"text\":\"a\"}]}\n\ndata: [DONE]\n\n");
                break;
        }
    }

    private static Task ReplyAsync(ScriptedConnection connection, string text) =>
        connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
}
