using System.Diagnostics;
using LlmdAspire.AppHost.Tests.Publish;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Samples.Tests;

/// <summary>The sample's chart: what Hosting publishes by itself, for an application that says nothing about clusters but that there is one.</summary>
public sealed class ChatPublishTests(ChatPublishTests.Chart published) : IClassFixture<ChatPublishTests.Chart>
{
    [Fact]
    public void EveryObject_PassesStrictValidation()
    {
        Assert.SkipWhen(SchemaCatalog.IsAbsent, ReferenceFolder.WhyAbsent);
        var validator = new SchemaValidator(SchemaCatalog.Shared);

        Assert.Equal([], published.Content.Objects.SelectMany(validator.Validate));
    }

    [Fact]
    public void EveryReference_LeadsSomewhere() => Assert.Equal([], ReferenceWalk.Errors(published.Content.Objects, "Secret llm-d-hf-token"));

    [Fact]
    public void Chart_IsTheOneThatWasReviewed() => Snapshot.Matches("sample-chat.yaml", published.Content.Files());

    [Fact]
    public void Engine_HasWhatVllmNeeds()
    {
        var engine = published.Content.Find("Deployment", "engine-deployment");
        var container = Assert.Single(engine.Containers);

        Assert.Equal("1", container.Text("resources", "limits", "nvidia.com/gpu"));
        Assert.Equal(["/root/.cache/huggingface", "/dev/shm"], container.Items("volumeMounts").Select(mount => mount.Text("mountPath")));
        Assert.Equal("/v1/models", container.Text("startupProbe", "httpGet", "path"));
        var token = Assert.Single(container.Items("env"), variable => variable.Text("name") == "HF_TOKEN");
        Assert.Equal(("llm-d-hf-token", "true"), (token.Text("valueFrom", "secretKeyRef", "name"), token.Text("valueFrom", "secretKeyRef", "optional")));
    }

    [Fact]
    public void EachTier_IsToldWhereTheNextOneIs()
    {
        var router = Assert.Single(published.Content.Find("Deployment", "router-deployment").Containers);

        Assert.Equal("http://router-service:30000", published.Content.Find("ConfigMap", "chat-config").Root.Text("data", "services__router__http__0"));
        Assert.Equal(["http://engine-service:8000"], router.Texts("args").SkipWhile(argument => argument != "--worker-urls").Skip(1));
        // On its own address only, a pod is not reached.
        Assert.Equal("0.0.0.0", router.Texts("args").SkipWhile(argument => argument != "--host").ElementAt(1));
    }

    /// <summary>Published once, as the command line does.</summary>
    public sealed class Chart : IAsyncLifetime
    {
        private PublishedChart? _content;

        internal PublishedChart Content => _content!;

        public async ValueTask InitializeAsync()
        {
            var folder = Directory.CreateTempSubdirectory("llmd-sample-").FullName;
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", [typeof(Projects.Chat_AppHost).Assembly.Location, "--operation", "publish", "--step", "publish", "--output-path", folder])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
            Assert.True(process.ExitCode == 0, await output + await errors);
            _content = PublishedChart.Read(folder, "chat", "chat");
        }

        public ValueTask DisposeAsync()
        {
            _content?.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
