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
