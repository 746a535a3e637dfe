using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.KvIndexer.Tokens;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

/// <summary>Conversations that grow, rendered by engines with all kinds of templates: the tokens are always those of the whole rendering, and mostly only the end is rendered.</summary>
public sealed class ConversationTests
{
    private const int Turns = 20;

    /// <summary>Templates that can be continued: whatever they write at the beginning or at the last turn.</summary>
    public static readonly TheoryData<string> Local = [nameof(Templates.ChatMl), nameof(Templates.PlainText), nameof(Templates.StripsThinking),
        nameof(Templates.ToolsInLastTurn), nameof(Templates.ToolsInFirstTurn), nameof(Templates.Alternating)];

    /// <summary>Templates that cannot, and in how many turns of a conversation that does not show: as long as nothing was left out, leaving out is right.</summary>
    public static readonly TheoryData<string, int> NotLocal = new()
    {
        { nameof(Templates.SystemInLastTurn), 0 }, { nameof(Templates.Numbered), 0 }, { nameof(Templates.Counted), 0 }, { nameof(Templates.NeedsSystem), 0 }, { nameof(Templates.Trimmed), 1 },
    };

    [Theory]
    [MemberData(nameof(Local))]
    public async Task LocalTemplate_OnlyTheNewTurnIsRendered(string name)
    {
        var template = Named(name);
        await using var engine = await TemplateEngine.StartAsync(template);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        // The first conversation of its kind pays for the comparisons: one each time it doubles.
        await TalkAsync(indexer, template, Conversation("first"));
        var whole = engine.BytesAsked;

        var costs = new List<long>();
        await TalkAsync(indexer, template, Conversation("second"), () => costs.Add(engine.BytesAsked));

        // The last message, that one with the new ones, and no more, however long the conversation is.
        var turns = costs.Zip(costs.Skip(1), (before, after) => after - before).Skip(3).ToList();
        Assert.InRange(turns.Max(), 1, 3000);
        Assert.InRange(turns.Max() - turns.Min(), 0, 200);
        Assert.InRange(costs[^1] - whole, 0, Turns * 3000);
        Assert.Equal(0, await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"differed\""));
        Assert.InRange(await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\""), Turns, double.MaxValue);
    }

    [Theory]
    [MemberData(nameof(NotLocal))]
    public async Task TemplateThatIsNotLocal_IsRenderedWhole(string name, int continued)
    {
        var template = Named(name);
        await using var engine = await TemplateEngine.StartAsync(template);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);

        await TalkAsync(indexer, template, Conversation("first"));
        await TalkAsync(indexer, template, Conversation("second"));
        var before = engine.Requests;
        await TalkAsync(indexer, template, Conversation("third"));

        // Not even tried any more: one rendering a turn, where a continued turn takes two short ones.
        Assert.Equal(Turns + continued, engine.Requests - before);
    }

    [Fact]
    public async Task ThinkingBetweenToolCalls_IsStrippedOnceTheUserSpeaksAgain()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.StripsThinking);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);

        for (var conversation = 0; conversation < 3; conversation++)
        {
            var messages = new List<object> { Message("system", Story($"system {conversation}", 40)) };
            for (var turn = 0; turn < 6; turn++)
            {
                messages.Add(Message("user", Story($"question {turn}", 10)));
                await CheckAsync(indexer, Templates.StripsThinking, messages);
                for (var step = 0; step < 2; step++)
                {
                    messages.Add(Message("assistant", $"<think>\n{Story($"thought {turn} {step}", 10)}\n</think>\n\nI look it up."));
                    messages.Add(Message("tool", Story($"found {turn} {step}", 5)));
                    await CheckAsync(indexer, Templates.StripsThinking, messages);
                }

                messages.Add(Message("assistant", $"<think>\n{Story($"thought {turn}", 10)}\n</think>\n\n{Story($"answer {turn}", 10)}"));
            }
        }

        Assert.InRange(await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\""), 30, 54);
    }

    [Fact]
    public async Task TemplateWithTheDate_IsRenderedAnewOnceItChanges()
    {
        var date = "27 Nov 2026";
        string Dated(Rendering r) => $"<|begin|>Today is {date}.\n" + Templates.ChatMl(r);
        await using var engine = await TemplateEngine.StartAsync(Dated);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        await TalkAsync(indexer, Dated, Conversation("first"));
        var (second, third) = (Conversation("second"), Conversation("third"));
        await TalkAsync(indexer, Dated, second[..15]);
        await TalkAsync(indexer, Dated, third[..15]);

        date = "28 Nov 2026";
        await CheckAsync(indexer, Dated, second[..16].SelectMany(turn => turn));
        Assert.Equal(1, await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"outdated\""));
        await CheckAsync(indexer, Dated, third[..16].SelectMany(turn => turn));
        Assert.Equal(2, await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"outdated\""));
        var sufficed = await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\"");
        await CheckAsync(indexer, Dated, second[..17].SelectMany(turn => turn));
        Assert.Equal(sufficed + 1, await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\""));
    }

    [Fact]
    public async Task TemplateThatTurnsOutNotLocalLater_IsNoLongerTrusted_NorAreItsTokens()
    {
        var lies = false;
        // It begins to tell the number of messages once it is trusted.
        string Treacherous(Rendering r) => Templates.ChatMl(r) + (lies && r.Messages.Count > 3 ? $"({r.Messages[0].Content.Length + r.Messages.Count})" : "");
        await using var engine = await TemplateEngine.StartAsync(Treacherous);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        await TalkAsync(indexer, Treacherous, Conversation("first"));

        lies = true;
        for (var i = 0; i < 2 * SpliceTrust.CheckEvery && await DifferedAsync(indexer) == 0; i++)
        {
            _ = await indexer.TokensAsync(Body(Conversation($"other {i}")[..9].SelectMany(turn => turn)));
            _ = await indexer.TokensAsync(Body(Conversation($"other {i}")[..10].SelectMany(turn => turn)));
        }

        Assert.Equal(1, await DifferedAsync(indexer));
        await TalkAsync(indexer, Treacherous, Conversation("other 0"));
    }

    [Fact]
    public async Task ToolsAndTemplateArguments_AreToldToTheEngine_AndKeepConversationsApart()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.ToolsInFirstTurn);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        var messages = Conversation("same").SelectMany(turn => turn).ToList();

        foreach (var tools in new object[] { new[] { new { name = "weather" } }, new[] { new { name = "time" } } })
        {
            foreach (var addGenerationPrompt in new[] { true, false })
            {
                for (var count = 2; count <= messages.Count; count += 2)
                {
                    var body = new { model = RunningIndexer.Model, messages = messages[..count], tools, add_generation_prompt = addGenerationPrompt };
                    Assert.Equal(TemplateEngine.Tokens(Templates.ToolsInFirstTurn, body), await indexer.TokensAsync(body));
                }
            }
        }

        Assert.InRange(await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\""), 20, double.MaxValue);
    }

    [Fact]
    public async Task TemplateOfTheClient_IsRenderedWhole()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.ChatMl);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);
        var turns = Conversation("own");

        for (var turn = 1; turn <= turns.Length; turn++)
        {
            var body = new { model = RunningIndexer.Model, messages = turns[..turn].SelectMany(messages => messages).ToList(), chat_template = "{{ messages }}" };
            Assert.Equal(TemplateEngine.Tokens(Templates.ChatMl, body), await indexer.TokensAsync(body));
        }

        // One rendering a turn: nothing was compared, so nothing can be held against the model.
        Assert.Equal(turns.Length, engine.Requests);
    }

    [Fact]
    public async Task ContentParts_AreContinuedToo()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.ChatMl);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url);

        foreach (var name in new[] { "first", "second" })
        {
            var messages = new List<object>();
            for (var turn = 0; turn < 10; turn++)
            {
                object[] parts = [new { type = "text", text = Story($"{name} {turn}", 5) }, new { type = "text", text = Story("and", 5) }];
                messages.Add(new { role = "user", content = turn % 2 == 0 ? parts : (object)Story("plain", 10) });
                await CheckAsync(indexer, Templates.ChatMl, messages);
                messages.Add(Message("assistant", Story($"answer {turn}", 5)));
            }
        }

        Assert.InRange(await indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"sufficed\""), 8, double.MaxValue);
    }

    [Fact]
    public async Task CacheOfAFewConversations_StaysInItsBounds()
    {
        await using var engine = await TemplateEngine.StartAsync(Templates.ChatMl);
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher, engine.Url, "--token-cache", "64KiB");

        for (var i = 0; i < 5; i++)
        {
            await TalkAsync(indexer, Templates.ChatMl, Conversation($"number {i}"));
            Assert.InRange((await indexer.GetAsync("/v1/stats")).GetProperty("token_cache_bytes").GetInt64(), 1, 64 << 10);
        }
    }

    private static Task<double> DifferedAsync(RunningIndexer indexer) => indexer.MetricAsync("llmd_kvindexer_continuations_total", "result=\"differed\"");

    // As a client does: each request has all messages so far, and the answer comes back with the next one.
    private static async Task TalkAsync(RunningIndexer indexer, Func<Rendering, string> template, object[][] turns, Action? afterTurn = null)
    {
        for (var turn = 1; turn <= turns.Length; turn++)
        {
            await CheckAsync(indexer, template, turns[..turn].SelectMany(messages => messages));
            afterTurn?.Invoke();
        }
    }

    private static async Task CheckAsync(RunningIndexer indexer, Func<Rendering, string> template, IEnumerable<object> messages)
    {
        var body = Body(messages);
        Assert.Equal(TemplateEngine.Tokens(template, body), await indexer.TokensAsync(body));
    }

    private static object Body(IEnumerable<object> messages) => new { model = RunningIndexer.Model, messages = messages.ToList(), tools = new[] { new { type = "function", name = "weather" } } };

    /// <summary>What each turn adds: at first system and user, then the assistant's answer and the user's next message.</summary>
    private static object[][] Conversation(string name) =>
    [
        [Message("system", Story($"{name} rules", 30)), Message("user", Story($"{name} 0", 10))],
        .. Enumerable.Range(1, Turns - 1).Select(i => new[] { Message("assistant", Story($"{name} answer {i:00}", 10)), Message("user", Story($"{name} question {i:00}", 10)) }),
    ];

    private static object Message(string role, string content) => new { role, content };

    private static string Story(string name, int sentences) => string.Join(' ', Enumerable.Range(0, sentences).Select(i => $"{name}, sentence {i}."));

    private static Func<Rendering, string> Named(string name) => typeof(Templates).GetMethod(name)!.CreateDelegate<Func<Rendering, string>>();
}
