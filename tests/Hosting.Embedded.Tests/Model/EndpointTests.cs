using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>Endpoints, their ports and references to them.</summary>
public sealed class EndpointTests
{
    public static TheoryData<string, int?, int?, bool, bool, int?, int?> Plans => new()
    {
        { "nothing asked for: a free port", null, null, true, false, null, null },
        { "the port asked for is where the process listens", 5000, null, true, false, 5000, null },
        { "so is the target port", null, 5001, true, false, 5001, null },
        { "both may be given when they agree", 5000, 5000, true, false, 5000, null },
        { "without a proxy the port stays under random ports", 5000, null, false, true, 5000, null },
        { "with a proxy it becomes a free one", 5000, null, true, true, null, null },
        { "0 means free", 0, null, false, false, null, null },
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public void Plan_OfAProcess(string because, int? port, int? targetPort, bool proxied, bool randomize, int? planned, int? target)
    {
        var program = Models.New().AddProgram("program").WithHttpEndpoint(port, targetPort, isProxied: proxied);

        Assert.True(new PortPlan(planned, target) == PlanOf(program, randomize), because);
    }

    [Theory]
    [InlineData(null, 8000, true, false, null, 8000)]
    [InlineData(5000, 8000, true, false, 5000, 8000)]
    [InlineData(5000, 8000, true, true, null, 8000)]
    [InlineData(null, 8000, false, false, 8000, 8000)]
    [InlineData(5000, 8000, false, true, 5000, 8000)]
    public void Plan_OfAContainer_KeepsItsTargetPort(int? port, int? targetPort, bool proxied, bool randomize, int? planned, int? target)
    {
        var container = Models.New().AddContainer("engine", "image").WithHttpEndpoint(port, targetPort, isProxied: proxied);

        Assert.Equal(new PortPlan(planned, target), PlanOf(container, randomize));
    }

    [Fact]
    public void Plan_OfAProcessWithTwoPorts_IsRefused()
    {
        var program = Models.New().AddProgram("program").WithHttpEndpoint(port: 5000, targetPort: 5001);

        var exception = Assert.Throws<DistributedApplicationException>(() => PlanOf(program, randomize: false));

        Assert.Equal("Endpoint 'http' of resource 'program' has port 5000 and target port 5001, which takes a proxy; give it one port.", exception.Message);
    }

    [Fact]
    public void Allocation_OfAPortAskedForTwice_NamesTheResource()
    {
        var port = new FreePorts(Random.Shared).Take();
        var builder = Models.New();
        builder.AddProgram("one").WithHttpEndpoint(port);
        builder.AddProgram("two").WithHttpEndpoint(port);

        var exception = Assert.Throws<DistributedApplicationException>(() => EndpointAllocation.AllocateAll(builder.Resources, new FreePorts(Random.Shared), randomize: false));

        Assert.StartsWith($"Port {port} of resource 'two' (endpoint 'http') is in use", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", "localhost")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "localhost")]
    [InlineData("::", "localhost")]
    [InlineData("some-host", "localhost")]
    public void Address_IsOneThatClientsHereCanUse(string targetHost, string address) => Assert.Equal(address, EndpointAllocation.ClientAddress(targetHost));

    [Fact]
    public async Task Reference_IsAwaited_UntilTheEndpointHasAnAddress()
    {
        var builder = Models.New();
        var program = builder.AddProgram("program").WithHttpEndpoint(port: 5100);
        var endpoint = program.GetEndpoint("http");

        var value = endpoint.GetValueAsync();
        Assert.False(value.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => endpoint.Url);
        builder.Allocate();

        Assert.Equal("http://localhost:5100", await value);
        Assert.Equal("http://localhost:5100", endpoint.Url);
    }

    [Fact]
    public void Reference_ToNoEndpoint_SaysWhichThereAre()
    {
        var program = Models.New().AddProgram("program").WithHttpEndpoint();

        var exception = Assert.Throws<InvalidOperationException>(() => program.GetEndpoint("admin").EndpointAnnotation);

        Assert.Equal("Resource 'program' has no endpoint 'admin'; it has 'http'.", exception.Message);
    }

    [Fact]
    public void SecondCall_ChangesTheEndpoint()
    {
        var program = Models.New().AddProgram("program").WithHttpEndpoint(targetPort: 5000).WithHttpEndpoint(port: 5000, isProxied: false).AsHttp2Service().WithExternalHttpEndpoints();

        var endpoint = Assert.Single(program.Resource.Annotations.OfType<EndpointAnnotation>());
        Assert.Equal((5000, 5000, false, true, "http2"), (endpoint.Port, endpoint.TargetPort, endpoint.IsProxied, endpoint.IsExternal, endpoint.Transport));
    }

    [Fact]
    public void Expressions_AreNamedAsInManifests()
    {
        var builder = Models.New();
        var http = builder.AddProgram("engine").WithHttpEndpoint().GetEndpoint("http");

        var expression = ReferenceExpression.Create($"{http}/v1?key={builder.AddParameter("key")}");

        Assert.Equal("{0}/v1?key={1}", expression.Format);
        Assert.Equal("{engine.bindings.http.url}/v1?key={key.value}", expression.ValueExpression);
    }

    private static PortPlan PlanOf<T>(IResourceBuilder<T> builder, bool randomize)
        where T : IResourceWithEndpoints
        => PortPlan.For(builder.Resource, builder.Resource.Annotations.OfType<EndpointAnnotation>().Single(), randomize);
}
