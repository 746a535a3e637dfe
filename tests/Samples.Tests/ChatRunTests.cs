using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Samples.Tests;

/// <summary>The sample as <c>dotnet run</c> starts it, on free ports.</summary>
public sealed class ChatRunTests
{
    [Fact]
    public async Task ChatAnswers_WithWhatTheEngineSaysThroughTheRouter()
    {
        await using var builder = await Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>());
        await using var app = await Eventually.DoneAsync(builder.BuildAsync());
        await Eventually.DoneAsync(app.StartAsync());
        await Eventually.DoneAsync(app.ResourceNotifications.WaitForResourceHealthyAsync("chat"));
        using var chat = app.CreateHttpClient("chat");
        using var engine = app.CreateHttpClient("engine");
        using var router = app.CreateHttpClient("router");

        using var response = await chat.PostAsJsonAsync("/chat", new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hello" }));
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        var page = await chat.GetStringAsync("/");

        Assert.True(response.IsSuccessStatusCode, answer!.ToJsonString());
        Assert.Equal("assistant", (string?)answer["role"]);
        Assert.NotEmpty((string)answer["content"]!);
        Assert.Contains("<title>Chat</title>", page, StringComparison.Ordinal);
        Assert.Equal(1, await SumAsync(engine, "vllm:request_success_total"));
        Assert.Contains(app.GetEndpoint("engine").GetLeftPart(UriPartial.Authority), await router.GetStringAsync("/workers"), StringComparison.Ordinal);
    }

    private static async Task<double> SumAsync(HttpClient service, string metric) =>
        (await service.GetStringAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith($"{metric}{{", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
