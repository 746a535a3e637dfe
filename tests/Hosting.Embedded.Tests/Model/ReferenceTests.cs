using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>What a resource is told about those it refers to.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public async Task Reference_TellsEveryEndpoint_ByServiceDiscoveryAndByName()
    {
        var builder = Models.New();
        var indexer = builder.AddService("kv-indexer").WithHttpEndpoint(port: 5100).WithEndpoint(port: 5200, scheme: "tcp", name: "events");
        var router = builder.AddProgram("router").WithReference(indexer);
        builder.Allocate();

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["services__kv-indexer__http__0"] = "http://localhost:5100",
                ["KV_INDEXER_HTTP"] = "http://localhost:5100",
                ["services__kv-indexer__events__0"] = "tcp://localhost:5200",
                ["KV_INDEXER_EVENTS"] = "tcp://localhost:5200",
            },
            await router.EnvironmentAsync());
    }

    [Fact]
    public async Task EndpointReference_TellsThatEndpointOnly()
    {
        var builder = Models.New();
        var engine = builder.AddProgram("engine").WithHttpEndpoint(port: 5100).WithHttpEndpoint(port: 5101, name: "admin");
        var router = builder.AddProgram("router").WithReference(engine.GetEndpoint("admin"));
        builder.Allocate();

        Assert.Equal(
            new Dictionary<string, string> { ["services__engine__admin__0"] = "http://localhost:5101", ["ENGINE_ADMIN"] = "http://localhost:5101" },
            await router.EnvironmentAsync());
    }

    [Fact]
    public async Task ReferencingTwice_TellsOnce()
    {
        var builder = Models.New();
        var engine = builder.AddService("engine").WithHttpEndpoint(port: 5100);
        var router = builder.AddProgram("router").WithReference(engine).WithReference(engine.GetEndpoint("http"));
        builder.Allocate();

        Assert.DoesNotContain("services__engine__http__1", (await router.EnvironmentAsync()).Keys);
    }

    [Fact]
    public async Task EndpointExcludedFromReferences_IsToldOnlyWhenNamed()
    {
        var builder = Models.New();
        var engine = builder.AddService("engine").WithHttpEndpoint(port: 5100).WithEndpoint("http", e => e.ExcludeReferenceEndpoint = true);
        var whole = builder.AddProgram("whole").WithReference(engine);
        var named = builder.AddProgram("named").WithReference(engine.GetEndpoint("http"));
        builder.Allocate();

        Assert.Empty(await whole.EnvironmentAsync());
        Assert.NotEmpty(await named.EnvironmentAsync());
    }

    [Fact]
    public async Task ConnectionString_ComesWholeAndInParts()
    {
        var builder = Models.New("--Parameters:pass=a+b");
        var redis = builder.AddRedis("cache", port: 6400, password: builder.AddParameter("pass", secret: true));
        var router = builder.AddProgram("router").WithReference(redis);
        builder.Allocate();

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["ConnectionStrings__cache"] = "localhost:6400,password=a+b",
                ["CACHE_HOST"] = "localhost",
                ["CACHE_PORT"] = "6400",
                ["CACHE_PASSWORD"] = "a+b",
                ["CACHE_URI"] = "redis://:a%2Bb@localhost:6400",
            },
            await router.EnvironmentAsync());
    }

    [Fact]
    public async Task GeneratedPassword_IsTheSameForServerAndClient()
    {
        var builder = Models.New();
        var redis = builder.AddRedis("cache", port: 6400);
        var router = builder.AddProgram("router").WithReference(redis);
        builder.Allocate();

        var server = (await redis.EnvironmentAsync())["REDIS_PASSWORD"];
        Assert.Equal(server, (await router.EnvironmentAsync())["CACHE_PASSWORD"]);
        Assert.Matches("^[A-Za-z0-9]{22,}$", server);
    }

    [Fact]
    public async Task Container_SeesThisMachineUnderItsOwnName()
    {
        var builder = Models.New();
        var indexer = builder.AddService("indexer").WithHttpEndpoint(port: 5100);
        var engine = builder.AddContainer("engine", "some/image").WithReference(indexer);
        builder.Allocate();

        Assert.Equal("http://host.docker.internal:5100", (await engine.EnvironmentAsync())["INDEXER_HTTP"]);
    }
}
