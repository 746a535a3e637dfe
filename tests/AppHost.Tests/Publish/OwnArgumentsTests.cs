using LlmdAspire.AppHost.Publish;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Each of this stack's own containers is started with arguments that its program takes.</summary>
public sealed class OwnArgumentsTests
{
    [Theory]
    [MemberData(nameof(PublishedChartTests.Charts), MemberType = typeof(PublishedChartTests))]
    public async Task EveryOwnContainer_HasNoMistakes(string options)
    {
        var chart = await PublishedChart.SharedAsync(options);
        var own = chart.Objects.SelectMany(found => found.Containers)
            .Where(container => container.Text("image")!.StartsWith(ServiceImages.DefaultRegistry, StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(own);
        Assert.All(own, container =>
        {
            var program = container.Text("image")![(ServiceImages.DefaultRegistry.Length + 1)..].Split(':')[0];
            var args = container.Texts("args").Select(argument => argument.Replace("$(NAMESPACE)", "a-namespace", StringComparison.Ordinal));

            Assert.Equal([], FlagsOf(program, container.Text("name")!).Read([.. program == "bench" ? args.Skip(1) : args])?.Lines ?? []);
        });
    }

    private static CommandFlags FlagsOf(string image, string container) => image switch
    {
        "epp" => New("LlmdAspire.Epp.EppFlags, LlmdAspire.Epp"),
        "router" when container == RoutingSidecar.ContainerName => New("LlmdAspire.Router.Sidecar.SidecarFlags, LlmdAspire.Router"),
        "router" => New("LlmdAspire.Router.RouterFlags, LlmdAspire.Router"),
        "kv-indexer" => New("LlmdAspire.KvIndexer.KvIndexerFlags, LlmdAspire.KvIndexer"),
        "bench" => New("LlmdAspire.Bench.CommandLine.ServeFlags, LlmdAspire.Bench"),
        _ => throw new InvalidOperationException($"There is no program of image {image}."),
    };

    // The programs show their flags to nobody but their own tests.
    private static CommandFlags New(string type) => (CommandFlags)Activator.CreateInstance(Type.GetType(type, throwOnError: true)!, nonPublic: true)!;
}
