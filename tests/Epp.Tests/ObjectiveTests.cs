using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>Priorities from a file, and what they mean when engines are full.</summary>
public sealed class ObjectiveTests : IDisposable
{
    private const string Body = """{"model":"m","prompt":"hello"}""";

    private const string ChatAndBatch = """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceObjective
        metadata: {name: chat}
        spec: {priority: 10, poolRef: {name: pool}}
        ---
        apiVersion: inference.networking.x-k8s.io/v1alpha2
        kind: InferenceObjective
        metadata: {name: batch}
        spec: {priority: -1, poolRef: {name: pool}}
        """;

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    // The configuration reads no engine's numbers; only because of the objective are they asked for.
    [Fact]
    public async Task RequestBelowZero_GivesWay_OnceEnginesAreFull_AndNoOther()
    {
        await File.WriteAllTextAsync(_file, ChatAndBatch, TestContext.Current.CancellationToken);
        await using var engine = await ScriptedEngine.StartAsync();
        engine.Metrics = "vllm:num_requests_waiting 4\n";
        await using var epp = await RunningEpp.StartAsync(
            engine.Url, "--objectives-file", _file, "--config-text", "{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: random-picker}]}");
        await Eventually.TrueAsync(() => epp.Pool.Ready is [{ Load.Waiting: 4 }]);
        Assert.Null((await epp.PickAsync(Body, headers: ("x-llm-d-inference-objective", "batch"))).Immediate);

        engine.Metrics = "vllm:num_requests_waiting 5\n";
        await Eventually.TrueAsync(() => epp.Pool.Ready is [{ Load.Waiting: 5 }]);
        foreach (var header in (string[])["x-llm-d-inference-objective", "x-gateway-inference-objective"])
        {
            var refused = (await epp.PickAsync(Body, headers: (header, "batch"))).Immediate!;
            Assert.Equal(429, refused.StatusCode);
            Assert.Contains(refused.Headers.Set, change => (change.Header.Name, change.Header.Text) == ("x-llm-d-request-dropped-reason", "rejected-saturated"));
        }

        Assert.Null((await epp.PickAsync(Body, headers: ("x-llm-d-inference-objective", "chat"))).Immediate);
        Assert.Null((await epp.PickAsync(Body)).Immediate);
    }

    [Fact]
    public async Task File_IsReadAgainWhenItChanges()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        engine.Metrics = "vllm:num_requests_waiting 9\n";
        await using var epp = await RunningEpp.StartAsync(engine.Url, "--objectives-file", _file);
        await Eventually.TrueAsync(() => epp.Pool.Ready is [{ Load.Waiting: 9 }]);
        Assert.Null((await epp.PickAsync(Body, headers: ("x-llm-d-inference-objective", "batch"))).Immediate);

        await File.WriteAllTextAsync(_file, ChatAndBatch, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () => (await epp.PickAsync(Body, headers: ("x-llm-d-inference-objective", "batch"))).Immediate?.StatusCode == 429);
    }

    [Theory]
    [InlineData("kind: Pod", "line 1: ' Pod' must be llm-d.ai/v1alpha2 InferenceObjective")]
    [InlineData("{apiVersion: llm-d.ai/v1alpha2, kind: InferenceModelRewrite}", "InferenceModelRewrite is not supported yet")]
    [InlineData("{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective}", "has no metadata.name")]
    [InlineData("{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective, metadata: {name: a}, spec: {priority: high}}", "'a' has the priority 'high'; it must be a whole number")]
    [InlineData("{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective, metadata: {name: a}}\n---\n{apiVersion: llm-d.ai/v1alpha2, kind: InferenceObjective, metadata: {name: a}}", "'a' stands there twice")]
    [InlineData("a: [", "not valid YAML")]
    public async Task Mistakes_RefuseTheStart(string yaml, string says)
    {
        await File.WriteAllTextAsync(_file, yaml, TestContext.Current.CancellationToken);

        var wrong = await Assert.ThrowsAsync<UsageException>(() => RunningEpp.StartAsync("http://127.0.0.1:1", "--objectives-file", _file));

        Assert.Contains(says, Assert.Single(wrong.Mistakes), StringComparison.Ordinal);
        Assert.Contains($"{_file}: ", wrong.Mistakes[0], StringComparison.Ordinal);
    }
}
