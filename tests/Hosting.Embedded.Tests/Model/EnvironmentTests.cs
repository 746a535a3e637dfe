using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>Variables and arguments as a process receives them.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task Values_OfEveryKind_BecomeText()
    {
        var builder = Models.New("--Parameters:token=secret");
        var token = builder.AddParameter("token", secret: true);
        var engine = builder.AddProgram("engine").WithHttpEndpoint(port: 5100);
        var http = engine.GetEndpoint("http");
        var program = builder.AddProgram("program")
            .WithEnvironment("TEXT", "{plain}")
            .WithEnvironment("NOTHING", (string?)null)
            .WithEnvironment("ENDPOINT", http)
            .WithEnvironment("PART", http.Property(EndpointProperty.HostAndPort))
            .WithEnvironment("PARAMETER", token)
            .WithEnvironment("EXPRESSION", ReferenceExpression.Create($"{{x}} {http.Property(EndpointProperty.Port)} {token}"))
            .WithEnvironment("INTERPOLATED", $"{http}/v1")
            .WithEnvironment(context => context.EnvironmentVariables["CALLBACK"] = http)
            .WithArgs("--plain", "1")
            .WithArgs(http, token.Resource)
            .WithArgs(context => context.Args.Add(7));
        builder.Allocate();

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["TEXT"] = "{plain}",
                ["NOTHING"] = "",
                ["ENDPOINT"] = "http://localhost:5100",
                ["PART"] = "localhost:5100",
                ["PARAMETER"] = "secret",
                ["EXPRESSION"] = "{x} 5100 secret",
                ["INTERPOLATED"] = "http://localhost:5100/v1",
                ["CALLBACK"] = "http://localhost:5100",
            },
            await program.EnvironmentAsync());
        Assert.Equal(["--plain", "1", "http://localhost:5100", "secret", "7"], await program.ArgumentsAsync());
    }

    [Fact]
    public async Task LaterCallback_Wins()
    {
        var program = Models.New().AddProgram("program").WithEnvironment("X", "first").WithEnvironment("X", "second");

        Assert.Equal("second", (await program.EnvironmentAsync())["X"]);
    }

    [Fact]
    public async Task EndpointVariable_CarriesTheTargetPort()
    {
        var builder = Models.New();
        var program = builder.AddProgram("program").WithHttpEndpoint(port: 5100, env: "PORT");
        builder.Allocate();

        Assert.Equal("5100", (await program.EnvironmentAsync())["PORT"]);
    }

    [Fact]
    public async Task ParameterWithoutValue_SaysHowToGiveOne()
    {
        var builder = Models.New();
        var program = builder.AddProgram("program").WithEnvironment("TOKEN", builder.AddParameter("hf-token", secret: true));

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(program.EnvironmentAsync);

        Assert.Equal("Parameter 'hf-token' has no value; set the configuration key Parameters:hf-token or the variable Parameters__hf-token.", exception.Message);
    }

    [Fact]
    public async Task Project_IsToldWhatToListenOn()
    {
        var builder = Models.New();
        var project = builder.AddProject<AnyProject>("web").WithHttpEndpoint(port: 5100).WithHttpEndpoint(port: 5200, name: "admin", env: "ADMIN_PORT")
            .WithEndpoint("http", endpoint => endpoint.TargetHost = "127.0.0.1");
        builder.Allocate();

        var environment = await project.EnvironmentAsync();

        Assert.Equal("http://127.0.0.1:5100", environment["ASPNETCORE_URLS"]);
        Assert.Equal("5200", environment["ADMIN_PORT"]);
        Assert.Equal("in_memory", environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"]);
    }

    [Fact]
    public async Task LaunchProfile_GivesEndpointsAndVariables_TheModelWins()
    {
        var builder = Models.New();
        var project = builder.AddProject<ProfiledProject>("web").WithEnvironment("B", "model");
        builder.Allocate();

        var environment = await project.EnvironmentAsync();

        Assert.Equal(("profile", "profile"), (environment["A"], environment["DOTNET_LAUNCH_PROFILE"]));
        Assert.Equal("model", environment["B"]);
        Assert.Equal("http://localhost:5300;http://localhost:5301", environment["ASPNETCORE_URLS"]);
        Assert.Equal(["http", "http2"], project.Resource.GetEndpoints().Select(endpoint => endpoint.EndpointName));
    }

    [Fact]
    public void ExcludedLaunchProfile_GivesNothing()
    {
        var project = Models.New().AddProject<ProfiledProject>("web", options => options.ExcludeLaunchProfile = true);

        Assert.Empty(project.Resource.GetEndpoints());
    }

    private sealed class AnyProject : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(AppContext.BaseDirectory, "Any.csproj");
    }

    private sealed class ProfiledProject : IProjectMetadata
    {
        public string ProjectPath => Path.Combine(AppContext.BaseDirectory, "Profiled.csproj");

        public LaunchSettings LaunchSettings => new()
        {
            Profiles =
            {
                ["profile"] = new LaunchProfile
                {
                    CommandName = "Project",
                    ApplicationUrl = "http://localhost:5300;http://localhost:5301",
                    EnvironmentVariables = { ["A"] = "profile", ["B"] = "profile" },
                },
            },
        };
    }
}
