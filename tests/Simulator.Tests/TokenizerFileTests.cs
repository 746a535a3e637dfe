using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>A simulator with a tokenizer.json: every endpoint speaks its tokens.</summary>
public sealed class TokenizerFileTests
{
    private static readonly string[] s_merges = ["h e", "l l", "he ll", "hell o", "Ġ t", "Ġt h", "Ġth e", "u s", "e r", "us er", "Ċ Ċ"];

    [Fact]
    public async Task Tokenize_AddsTheBeginning_UnlessToldNotTo_AndComesBack()
    {
        await using var simulator = await StartAsync(TokenizerFile.Llama3Tokens);

        var with = await IdsAsync(simulator, """{"prompt":"hello the <|eot_id|> é"}""");
        var without = await IdsAsync(simulator, """{"prompt":"hello the <|eot_id|> é","add_special_tokens":false}""");

        Assert.Equal(with[1..], without);
        var back = await simulator.AskAsync("/detokenize", $$"""{"tokens":[{{string.Join(',', with)}}]}""");
        Assert.Equal("<|begin_of_text|>hello the <|eot_id|> é", (string?)back["prompt"]);
        var unknown = await simulator.AskAsync("/detokenize", """{"tokens":[99999]}""");
        Assert.Contains("from 0 to 271", unknown.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_HasTheHeadersThatTheFileHas_ElsePlainOnes()
    {
        await using var llama = await StartAsync(TokenizerFile.Llama3Tokens);
        await using var chatMl = await StartAsync(["<|im_start|>", "<|im_end|>"]);
        await using var plain = await StartAsync([]);
        const string Chat = """{"messages":[{"role":"user","content":"hello"}]}""";

        Assert.Equal("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", await RenderAsync(llama, Chat));
        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", await RenderAsync(chatMl, Chat));
        Assert.Equal("user: hello\n\nassistant: ", await RenderAsync(plain, Chat));

        const string Continued = """{"messages":[{"role":"user","content":"hello"},{"role":"assistant","content":"the"}],"add_generation_prompt":false,"continue_final_message":true}""";
        Assert.Equal("<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nthe", await RenderAsync(chatMl, Continued));
        Assert.Equal("user: hello\n\nassistant: the", await RenderAsync(plain, Continued));
    }

    [Fact]
    public async Task GeneratedText_IsTheSameEachTime_AndTokenizesToTheTokensGenerated()
    {
        const string Body = """{"prompt":"hello","max_tokens":60,"return_token_ids":true}""";
        await using var one = await StartAsync(TokenizerFile.Llama3Tokens);
        await using var other = await StartAsync(TokenizerFile.Llama3Tokens);

        var choice = (await one.AskAsync("/v1/completions", Body))["choices"]![0]!;
        var again = (await other.AskAsync("/v1/completions", Body))["choices"]![0]!;

        Assert.Equal(choice.ToJsonString(), again.ToJsonString());
        var ids = choice["token_ids"]!.AsArray().Select(id => (int)id!).ToArray();
        Assert.Equal(60, ids.Length);
        Assert.Equal(ids, await IdsAsync(one, new JsonObject { ["prompt"] = (string?)choice["text"], ["add_special_tokens"] = false }.ToJsonString()));
        Assert.DoesNotContain('\uFFFD', (string)choice["text"]!);
    }

    [Fact]
    public async Task Stream_NeverCutsACharacter()
    {
        const string Text = "hé 東京 😀👩‍👩‍👧 end";
        await using var simulator = await StartAsync([], "--mode", "echo");

        // Each of these characters takes two to four tokens here.
        var chunks = await simulator.StreamAsync("/v1/completions", new JsonObject { ["prompt"] = Text, ["stream"] = true, ["max_tokens"] = 200 }.ToJsonString());
        var pieces = chunks.Where(chunk => chunk != "[DONE]").Select(chunk => (string?)JsonNode.Parse(chunk)!["choices"]?[0]?["text"] ?? "").ToList();

        Assert.Equal(Text, string.Concat(pieces));
        Assert.InRange(pieces.Count, 8, Encoding.UTF8.GetByteCount(Text));
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
    }

    [Fact]
    public async Task FileThatCannotBeUsed_IsNamedInOneLine()
    {
        var file = TokenizerFile.Make(s_merges);
        file["model"]!["type"] = "Unigram";

        var mistake = await Assert.ThrowsAsync<ServiceDefaults.UsageException>(() => RunningSimulator.StartAsync("--tokenizer", TokenizerFile.Write(file)));

        Assert.Contains("cannot be used: model.type is Unigram; only BPE is known.", Assert.Single(mistake.Mistakes), StringComparison.Ordinal);
    }

    private static Task<RunningSimulator> StartAsync(string[] special, params string[] args) =>
        RunningSimulator.StartAsync(["--tokenizer", TokenizerFile.Write(TokenizerFile.Make(s_merges, special)), .. args]);

    private static async Task<int[]> IdsAsync(RunningSimulator simulator, string body) =>
        [.. (await simulator.AskAsync("/tokenize", body))["tokens"]!.AsArray().Select(id => (int)id!)];

    private static async Task<string?> RenderAsync(RunningSimulator simulator, string chat) =>
        (string?)(await simulator.AskAsync("/detokenize", $$"""{"tokens":[{{string.Join(',', await IdsAsync(simulator, chat))}}]}"""))["prompt"];
}
