using LlmdAspire.AppHost.Publish;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Each of this stack's own containers is started with arguments that its program takes, apart from the gaps that are named here.</summary>
public sealed class OwnArgumentsTests
{
    // The picker finds endpoints by the API server in a cluster, which it cannot yet. docs/presets/README.md says so.
    private static readonly string[] s_pickerGaps = ["--pool-name", "--pool-namespace", "--pool-group", "--endpoint-selector", "--endpoint-target-ports"];

    [Theory]
    [MemberData(nameof(PublishedChartTests.Charts), MemberType = typeof(PublishedChartTests))]
    public async Task EveryOwnContainer_HasNoMistakes_ButTheNamedGaps(string options)
    {
        using var chart = await PublishedChart.PublishAsync(options.Split(' '));
        var own = chart.Objects.SelectMany(found => found.Containers)
            .Where(container => container.Text("image")!.StartsWith(ServiceImages.DefaultRegistry, StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(own);
        Assert.All(own, container =>
        {
            var program = container.Text("image")![(ServiceImages.DefaultRegistry.Length + 1)..].Split(':')[0];
            var (flags, gaps) = Program(program, container.Text("name")!);
            var args = container.Texts("args").Select(argument => argument.Replace("$(NAMESPACE)", "a-namespace", StringComparison.Ordinal)).ToList();

            // What does not exist yet is gone once it does: then this says so.
            Assert.All(gaps.Where(gap => args.Contains(gap)), gap => Assert.Contains(Mistakes(flags(), args), mistake => mistake.StartsWith(gap, StringComparison.Ordinal)));
            Assert.Equal([], Mistakes(flags(), WithoutGaps(args, gaps, program)));
        });
    }

    // What is left without a gap must be right by itself; the picker is then told of an engine in the way that it can.
    private static List<string> WithoutGaps(List<string> args, string[] gaps, string program)
    {
        var left = new List<string>(program == "bench" ? args.Skip(1) : args);
        foreach (var gap in gaps.Where(left.Contains))
        {
            left.RemoveRange(left.IndexOf(gap), 2);
        }

        return program == "epp" ? [.. left, "--endpoints", "http://127.0.0.1:8000"] : left;
    }

    private static IReadOnlyList<string> Mistakes(CommandFlags flags, IReadOnlyList<string> args) => flags.Read(args)?.Lines ?? [];

    private static (Func<CommandFlags> Flags, string[] Gaps) Program(string image, string container) => image switch
    {
        "epp" => (Flags("LlmdAspire.Epp.EppFlags, LlmdAspire.Epp"), s_pickerGaps),
        "router" when container == RoutingSidecar.ContainerName => (Flags("LlmdAspire.Router.Sidecar.SidecarFlags, LlmdAspire.Router"), []),
        "router" => (Flags("LlmdAspire.Router.RouterFlags, LlmdAspire.Router"), []),
        "kv-indexer" => (Flags("LlmdAspire.KvIndexer.KvIndexerFlags, LlmdAspire.KvIndexer"), []),
        "bench" => (Flags("LlmdAspire.Bench.CommandLine.ServeFlags, LlmdAspire.Bench"), []),
        _ => throw new InvalidOperationException($"There is no program of image {image}."),
    };

    // The programs show their flags to nobody but their own tests.
    private static Func<CommandFlags> Flags(string type) => () => (CommandFlags)Activator.CreateInstance(Type.GetType(type, throwOnError: true)!, nonPublic: true)!;
}
