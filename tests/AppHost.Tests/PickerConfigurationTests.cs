using System.Runtime.CompilerServices;
using LlmdAspire.AppHost.Presets;
using LlmdAspire.AppHost.Publish;
using LlmdAspire.AppHost.Tests.Publish;
using LlmdAspire.Scheduling.Configuration;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests;

/// <summary>What the presets tell the picker, the picker understands.</summary>
public sealed class PickerConfigurationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void PrefillDecode_Loads(int threshold)
    {
        Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.PrefillDecode(threshold)));
        Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.IndexedPrefillDecode(threshold)));
        Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.StickyPrefillDecode(threshold)));
    }

    [Fact]
    public void Sticky_Loads() => Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.Sticky));

    // With --kv-indexer this stack's picker asks the index for a scorer that names no producer, too; another picker would not.
    [Theory]
    [InlineData("--preset epp-sticky")]
    [InlineData("--preset epp-sticky --prefill-replicas 1")]
    [InlineData("--preset default")]
    public void PresetWithAnIndex_ScoresByWhatTheIndexKnows(string options)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        var configuration = Yaml.Parse(PickerConfiguration.Of(StackCommand.Read(options.Split(' '), builder.Configuration, isPublishing: true).Options!.Cluster));

        var plugins = configuration.Items("plugins").ToList();
        Assert.Contains(plugins, plugin => plugin.Text("type") == "precise-prefix-cache-producer");
        Assert.DoesNotContain(plugins, plugin => plugin.Text("type") == "approx-prefix-cache-producer");
        Assert.Equal("precise-prefix-cache-producer", plugins.Single(plugin => plugin.Text("type") == "prefix-cache-scorer").Text("parameters", "prefixMatchInfoProducerName"));
    }

    [Fact]
    public void DefaultPreset_PicksOnAClusterAsInARun()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        var plan = StackCommand.Read([], builder.Configuration, isPublishing: true).Options!.Cluster;
        var run = File.ReadAllText(Path.Combine(AppHostFolder(), DefaultPreset.PickerConfig));

        Assert.Equal(Yaml.Parse(run), (YamlNode)Yaml.Parse(PickerConfiguration.Of(plan)));
    }

    private static string AppHostFolder([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "AppHost");
}
