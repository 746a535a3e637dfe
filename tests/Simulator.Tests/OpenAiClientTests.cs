using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>The official OpenAI client for Node, unchanged, against one engine.</summary>
public sealed class OpenAiClientTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "clients", "openai");

    [Fact]
    public async Task OfficialClient_ChatsStreamsCallsToolsEmbedsAndResponds()
    {
        await InstallAsync();
        await using var simulator = await RunningSimulator.StartAsync();
        var (code, output, errors) = await Tool.RunAsync("node", ["check.mjs", $"{simulator.Urls[0]}v1", RunningSimulator.Model], s_folder);

        Assert.True(code == 0, errors);
        var seen = JsonNode.Parse(output)!;
        Assert.NotNull(seen["called"]!["city"]);
        Assert.NotEmpty((string)seen["finalContent"]!);
        Assert.Equal("weather", (string?)seen["required"]!["name"]);
        Assert.Equal(seen["required"]!.ToJsonString(), seen["streamed"]!.ToJsonString());
        Assert.NotNull(seen["structured"]!["city"]);
        Assert.Equal("[2,2,2]", seen["logprobs"]!.ToJsonString());
        Assert.Equal(2, seen["float"]!.AsArray().Count);
        Assert.Equal(Numbers(seen["float"]!), Numbers(seen["decoded"]!));
        Assert.Equal((string?)seen["responseText"], (string?)seen["deltas"]);
        Assert.Equal((string?)seen["responseText"], (string?)seen["completedText"]);
        Assert.Equal("weather", (string?)seen["responseCall"]);
        Assert.Equal("""["NotFoundError","BadRequestError","NotFoundError"]""", seen["errors"]!.ToJsonString());
    }

    private static IEnumerable<float> Numbers(JsonNode vectors) => vectors.AsArray().SelectMany(vector => vector!.AsArray()).Select(number => (float)number!);

    private static async Task InstallAsync()
    {
        if ((Tool.Missing("node", "Node.js") ?? Tool.Missing("npm", "Node.js")) is { } reason)
        {
            Assert.Skip(reason);
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
