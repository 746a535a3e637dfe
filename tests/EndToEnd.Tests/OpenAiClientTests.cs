using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>The official OpenAI client for Node, unchanged, against the running stack.</summary>
[Collection(nameof(StackFixture))]
public sealed class OpenAiClientTests(StackFixture stack)
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "clients", "openai");

    [Fact]
    public async Task OfficialClient_ListsCompletesChatsAndStreams()
    {
        await InstallAsync();

        var (code, output, errors) = await Tool.RunAsync("node", ["check.mjs", $"{stack.App.GetEndpoint("router", "http")}v1", StackFixture.Model], s_folder);

        Assert.True(code == 0, errors);
        var seen = JsonNode.Parse(output)!;
        Assert.Equal([StackFixture.Model], seen["models"]!.AsArray().Select(model => (string?)model));
        Assert.Equal(7, (int)seen["tokens"]!);
        Assert.Equal(7, (int)seen["streamedTokens"]!);
        Assert.NotEmpty((string)seen["text"]!);
        Assert.Equal((string)seen["text"]!, (string)seen["streamedText"]!);
        Assert.Equal((string)seen["chat"]!, (string)seen["streamedChat"]!);
        Assert.Equal("NotFoundError", (string?)seen["unknownModel"]!["kind"]);
    }

    private static async Task InstallAsync()
    {
        if (!Tool.Exists("node") || !Tool.Exists("npm"))
        {
            Assert.Skip("node and npm are not on PATH");
        }

        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "openai")))
        {
            var (code, _, errors) = await Tool.RunAsync("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund"], s_folder);
            if (code != 0)
            {
                Assert.Skip($"npm cannot install the openai package: {errors.Split('\n').LastOrDefault(line => line.Length > 0)}");
            }
        }
    }
}
