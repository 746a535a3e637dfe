using System.Net;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

/// <summary><c>--tokenizer PATH</c>: text prompts are tokenised here, conversations are still the engines' business.</summary>
public sealed class LocalTokenizerTests
{
    private static readonly string s_file = TokenizerFile.Write(TokenizerFile.Make(["h e", "l l", "he ll", "hell o", "Ġ w", "Ġw o"], TokenizerFile.Llama3Tokens));

    [Fact]
    public async Task TextPrompt_NeedsNoEngine_AndBeginsAsTheModelsPromptsDo()
    {
        await using var indexer = await RunningIndexer.StartAsync("--tokenizer", s_file);
        var tokenizer = Tokenizers.Load(s_file);

        foreach (var length in new[] { 1, 100, 1000, 1001 })
        {
            // The long ones are cut, and a growing one is found again up to where it grew.
            var text = string.Concat(Enumerable.Range(0, length).Select(i => $"hello world {i}, "));
            foreach (var addSpecialTokens in new[] { true, false })
            {
                var expected = new List<int>();
                tokenizer.EncodePrompt(System.Text.Encoding.UTF8.GetBytes(text), addSpecialTokens, expected);

                Assert.Equal(expected, await indexer.TokensAsync(new { model = "m", prompt = text, add_special_tokens = addSpecialTokens }));
            }
        }
    }

    [Fact]
    public async Task Conversation_WithoutAnEngine_HasNoScore()
    {
        await using var indexer = await RunningIndexer.StartAsync("--tokenizer", s_file);

        using var response = await indexer.PostTextAsync("/v1/score", """{"model":"m","messages":[{"role":"user","content":"hello"}]}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Conversation_IsRenderedByAnEngine()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.ChatMl);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url, "--tokenizer", s_file);
        var body = new { model = RunningIndexer.Model, messages = new[] { new { role = "user", content = "hello" } } };

        Assert.Equal(TemplateEngine.Tokens(Templates.ChatMl, body), await indexer.TokensAsync(body));
    }
}
