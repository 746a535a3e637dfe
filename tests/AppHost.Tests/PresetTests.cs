using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.AppHost.Tests;

/// <summary>What presets put into the model; nothing is started.</summary>
public sealed class PresetTests
{
    [Theory]
    [InlineData("default", 4)]
    [InlineData("vllm-native", 16)]
    [InlineData("pd-dp8", 2)]
    [InlineData("pd-dp8", 2, "--front", "router")]
    [InlineData("epp-sticky", 2)]
    [InlineData("epp-sticky", 3, "--prefill-replicas", "1")]
    [InlineData("pd-70b", 5)]
    [InlineData("pd-70b", 3, "--prefill-replicas", "2")]
    public void Preset_HasItsEngines_ARouter_AndADashboard(string preset, int engines, params string[] options)
    {
        var resources = Compose(["--preset", preset, .. options]);

        Assert.Equal(engines, resources.Count(resource => resource is not { Name: "router" or "dashboard" or "epp" or "kv-indexer" }));
        Assert.Contains(resources, resource => resource.Name == "router");
        Assert.Contains(resources, resource => resource.Name == "dashboard");
    }

    [Fact]
    public void Engines_ListenOnPortsOfTheirOwn_WithoutAProxyBetween()
    {
        var endpoints = Compose().SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>()).ToList();

        Assert.Equal(endpoints.Count, endpoints.Select(endpoint => endpoint.Port).Distinct().Count());
        Assert.All(endpoints, endpoint => Assert.False(endpoint.IsProxied));
        Assert.All(endpoints, endpoint => Assert.Equal(endpoint.Port, endpoint.TargetPort));
        Assert.All(endpoints, endpoint => Assert.Equal("127.0.0.1", endpoint.TargetHost));
    }

    [Fact]
    public void Redis_IsThereOnlyWhenAskedFor()
    {
        Assert.DoesNotContain(Compose(), resource => resource is RedisResource);
        Assert.Contains(Compose("--redis", "on"), resource => resource is RedisResource);
    }

    [Theory]
    [InlineData("default", "on", true)]
    [InlineData("epp-sticky", "on", true)]
    [InlineData("default", "off", false)]
    public async Task Redis_IsNamedToTheIndexer_WithoutItsPassword(string preset, string redis, bool named)
    {
        var indexer = Compose("--preset", preset, "--redis", redis).Single(resource => resource.Name == "kv-indexer");

        var values = new List<object>();
        foreach (var annotation in indexer.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(new CommandLineArgsCallbackContext(values, indexer));
        }

        Assert.Equal(named, values.Contains("--redis"));
        Assert.DoesNotContain(values, value => value is IValueWithReferences expression && expression.References.Any(reference => reference is ParameterResource));
    }

    private static List<IResource> Compose(params string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        string[] options = ["--engines", "simulator", "--router-port", "0", "--dashboard-port", "0", .. args];
        LlmdStack.Compose(builder, StackCommand.Read(options, builder.Configuration, builder.ExecutionContext.IsPublishMode).Options!);
        using var application = builder.Build();
        return [.. application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Where(resource => resource is ProjectResource or ContainerResource)];
    }
}
