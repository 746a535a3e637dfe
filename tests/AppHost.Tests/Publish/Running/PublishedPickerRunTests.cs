using System.Reflection;
using LlmdAspire.Epp.Tests;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>The picker as a process of its own, started as the chart starts it, finds the engines that the chart makes and picks among them with the rights that the chart gives it.</summary>
public sealed class PublishedPickerRunTests
{
    // Above the threshold from which presets hand prompts off.
    private static readonly string s_body = $$"""{"model":"m","prompt":"{{string.Join(' ', Enumerable.Range(0, 400))}}"}""";

    [Theory]
    [InlineData("--preset pd-70b", 4, 1, false)]
    [InlineData("--preset pd-70b --gateway kgateway --inference-pool-version v1alpha2", 4, 1, false)]
    [InlineData("--preset pd-dp8", 1, 1, true)]
    [InlineData("--preset default --gateway none", 2, 2, false)]
    public async Task Picker_StartsAsPublished_FindsTheEngines_AndPicks(string options, int prefill, int decode, bool hasRanks)
    {
        Assert.SkipWhen(ChartCluster.Impossible is not null, ChartCluster.Impossible ?? "");
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));
        await using var cluster = await ChartCluster.InstallAsync(chart);
        Assert.Equal((prefill, decode), (cluster.Engines["prefill"].Count(), cluster.Engines["decode"].Count()));
        var container = chart.Objects.SelectMany(found => found.Containers).Single(found => found.Text("image")!.Contains("/epp:", StringComparison.Ordinal));
        var folder = Directory.CreateTempSubdirectory("llmd-picker-");
        try
        {
            var args = container.Texts("args").Select(argument => InThisProcess(argument, cluster, folder.FullName)).ToList();
            WriteConfiguration(chart, folder.FullName);
            await using var picker = ChildProgram.Start(Assembly.Load("LlmdAspire.Epp"), args, EnvironmentOf(container, cluster));
            _ = await picker.WaitForUrlAsync();
            await IsReadyAsync(container, cluster.PickerAddress);

            var isSecure = args.Contains("--secure-serving=true");
            using var channel = new GrpcChannel(
                new Uri($"{(isSecure ? "https" : "http")}://{cluster.PickerAddress}:{args[args.IndexOf("--grpc-port") + 1]}"), new GrpcChannelOptions { AcceptAnyCertificate = isSecure });
            var answer = await PickAsync(channel);

            Assert.Contains(answer.Metadata(), cluster.Engines["decode"]);
            Assert.Contains(answer.Set("x-prefiller-host-port"), cluster.Engines["prefill"]);
            Assert.Equal(hasRanks, answer.Set("x-data-parallel-rank") is not null);
            Assert.Equal(hasRanks, answer.Set("x-prefiller-data-parallel-rank") is not null);
            Assert.Equal(RightsOf(chart), cluster.Server.Calls.Select(call => $"{call.Verb} {call.Resource} of '{call.Group}'").Distinct().Order(StringComparer.Ordinal));
            Assert.All(cluster.Server.Calls, call => Assert.Equal(ChartCluster.Namespace, call.Namespace));

            await picker.SignalAsync("TERM");
            Assert.Equal(0, await picker.WaitForExitAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // As they are, but for what the kubelet does with them, and that nothing here listens to the world.
    private static string InThisProcess(string argument, ChartCluster cluster, string folder) => argument
        .Replace("$(NAMESPACE)", ChartCluster.Namespace, StringComparison.Ordinal)
        .Replace(ServicePod.ConfigFolder + "/", folder + "/", StringComparison.Ordinal)
        .Replace("0.0.0.0", cluster.PickerAddress, StringComparison.Ordinal);

    private static void WriteConfiguration(PublishedChart chart, string folder)
    {
        var map = chart.Objects.Single(found => found.Kind == "ConfigMap" && found.Name.EndsWith("-epp-plugins", StringComparison.Ordinal));
        foreach (var (name, text) in map.Root.TextEntries("data"))
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }
    }

    // What the container asks for, and what every pod gets.
    private static Dictionary<string, string> EnvironmentOf(YamlNode container, ChartCluster cluster)
    {
        var fields = new Dictionary<string, string> { ["metadata.namespace"] = ChartCluster.Namespace, ["metadata.name"] = "picker-0" };
        var environment = container.Items("env").ToDictionary(variable => variable.Text("name")!, variable => variable.Text("value") ?? fields[variable.Text("valueFrom", "fieldRef", "fieldPath")!]);
        environment["KUBERNETES_SERVICE_HOST"] = cluster.Server.Url.Host;
        environment["KUBERNETES_SERVICE_PORT"] = $"{cluster.Server.Url.Port}";
        // Pods have it at a path of the root folder.
        environment["LLMD_EPP_SERVICE_ACCOUNT_FOLDER"] = cluster.Server.AccountFolder;
        return environment;
    }

    // As the kubelet does: until then nobody is sent there.
    private static async Task IsReadyAsync(YamlNode container, string address)
    {
        using var channel = new GrpcChannel(new Uri($"http://{address}:{container.Text("readinessProbe", "grpc", "port")}"));
        await Eventually.TrueAsync(
            async () => (await channel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(container.Text("readinessProbe", "grpc", "service")!))).Status == ServingStatus.Serving,
            "the picker is ready");
    }

    // Ready with the first engine; all of them have told of themselves a moment later, of both roles.
    private static async Task<ProcessingResponse> PickAsync(GrpcChannel channel)
    {
        ProcessingResponse? answer = null;
        await Eventually.TrueAsync(
            async () =>
            {
                using var envoy = new FakeEnvoy(channel.Start(ExternalProcessor.Process), protocol: null);
                await envoy.SendHeadersAsync();
                await envoy.SendBodyAsync(s_body);
                answer = await envoy.ReadAsync();
                return answer.Set("x-prefiller-host-port") is not null;
            },
            "a prefill and a decode engine are picked");
        return answer!;
    }

    // Exactly what is used: a right that nobody uses would not be least privilege, and one that is missing would show only in a cluster.
    private static IEnumerable<string> RightsOf(PublishedChart chart) => (
        from rule in chart.Objects.Single(found => found.Kind == "Role" && found.Name.EndsWith("-epp-watch", StringComparison.Ordinal)).Root.Items("rules")
        from verb in rule.Texts("verbs")
        from resource in rule.Texts("resources")
        from apiGroup in rule.Texts("apiGroups")
        select $"{verb} {resource} of '{apiGroup}'").Order(StringComparer.Ordinal);
}
