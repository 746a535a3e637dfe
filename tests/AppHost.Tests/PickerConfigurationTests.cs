using LlmdAspire.AppHost.Publish;
using LlmdAspire.Scheduling.Configuration;

namespace LlmdAspire.AppHost.Tests;

/// <summary>What the presets tell the picker, the picker understands.</summary>
public sealed class PickerConfigurationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void PrefillDecode_Loads(int threshold) => Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.PrefillDecode(threshold)));

    [Fact]
    public void Sticky_Loads() => Assert.NotNull(EndpointPickerConfig.Load(PickerConfiguration.Sticky));
}
