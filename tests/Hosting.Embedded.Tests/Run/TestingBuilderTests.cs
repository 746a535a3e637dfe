using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>A real AppHost, whose entry point runs inside the test and whose projects run as processes.</summary>
public sealed class TestingBuilderTests
{
    [Fact]
    public async Task AppHost_Runs_AndItsProjectsAnswer()
    {
        await using var builder = await Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--greeting", "hello"]));
        await using var app = await Eventually.DoneAsync(builder.BuildAsync());
        await Eventually.DoneAsync(app.StartAsync());
        await Eventually.DoneAsync(app.ResourceNotifications.WaitForResourceHealthyAsync("second"));

        using var first = app.CreateHttpClient("first");
        using var second = app.CreateHttpClient("second");
        var firstUrl = app.GetEndpoint("first").GetLeftPart(UriPartial.Authority);
        Assert.Equal("hello", await first.GetStringAsync("/environment/GREETING"));
        Assert.Equal(firstUrl, await second.GetStringAsync("/environment/services__first__http__0"));
        Assert.Equal(["--first", firstUrl], (await second.GetFromJsonAsync<string[]>("/arguments"))!);
    }

    [Fact]
    public async Task Disposing_EndsEveryProcess()
    {
        var builder = await Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>());
        var app = await Eventually.DoneAsync(builder.BuildAsync());
        await Eventually.DoneAsync(app.StartAsync());
        var ready = await Eventually.DoneAsync(app.ResourceNotifications.WaitForResourceHealthyAsync("first"));

        await Eventually.DoneAsync(app.DisposeAsync().AsTask());

        Assert.False(Directory.Exists($"/proc/{RunningModel.ProcessId(ready.Snapshot)}"));
    }

    [Fact]
    public async Task Test_MayChangeTheModelBeforeItIsBuilt()
    {
        await using var builder = await Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>());
        Assert.True(builder.Resources.TryGetByName("first", out var first));
        builder.CreateResourceBuilder((ProjectResource)first).WithEnvironment("GREETING", "changed");
        await using var app = await Eventually.DoneAsync(builder.BuildAsync());
        await Eventually.DoneAsync(app.StartAsync());
        await Eventually.DoneAsync(app.ResourceNotifications.WaitForResourceHealthyAsync("first"));

        using var client = app.CreateHttpClient("first");
        Assert.Equal("changed", await client.GetStringAsync("/environment/GREETING"));
    }

    [Fact]
    public async Task AppHostThatFails_FailsTheTestWithItsOwnException()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>(["--fail", "no such preset"])));

        Assert.Equal("no such preset", exception.Message);
    }

    [Fact]
    public async Task NeverStarted_LeavesNothing()
    {
        var builder = await Eventually.DoneAsync(DistributedApplicationTestingBuilder.CreateAsync<Projects.SampleAppHost>());

        await Eventually.DoneAsync(builder.DisposeAsync().AsTask());
    }

    [Fact]
    public void Projects_KnowWhereTheyAre()
    {
        Assert.True(File.Exists(new Projects.Greeter().ProjectPath));
        Assert.True(Directory.Exists(Projects.SampleAppHost.ProjectPath));
    }
}
