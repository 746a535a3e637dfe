using System.Net;
using System.Text.Json;

namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class AspireDashboardTests : IAsyncLifetime
{
    private readonly ProcessHost _host = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public AspireDashboardTests() => Shell.SkipWhereThereIsNone();

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task TheRealDashboard_AnswersWhereItWasToldTo()
    {
        var cli = AspireCli.Find(AppContext.BaseDirectory, Environment.GetEnvironmentVariable);
        if (cli is null)
        {
            Assert.Skip(AspireCli.HowToGet);
        }

        var dashboard = AspireDashboard.Start(_host, cli, AspireDashboardPorts.Free());

        Assert.Null(await dashboard.Trouble);
        using var http = new HttpClient();
        using var page = await http.GetAsync(dashboard.Url);
        using var traces = await http.PostAsync(new Uri(dashboard.OtlpHttpUrl, "/v1/traces"), new ByteArrayContent([]) { Headers = { ContentType = new("application/x-protobuf") } });
        using var received = JsonDocument.Parse(await http.GetStringAsync(new Uri(dashboard.Url, "/api/telemetry/spans")));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.OK, traces.StatusCode);
        Assert.Equal(0, received.RootElement.GetProperty("totalCount").GetInt32());
    }

    [Fact]
    public async Task ACliThatFails_IsOneLineWithItsLastWords()
    {
        var dashboard = AspireDashboard.Start(_host, Cli("printf '\\033[31mThe port is \\033[0mtaken.\\n' >&2; exit 9"), AspireDashboardPorts.Free());

        Assert.Equal("The stack runs without the Aspire dashboard, which ended with exit code 9 before it answered. Its last words: The port is taken.", await dashboard.Trouble);
    }

    [Fact]
    public async Task ACliThatNeverAnswers_IsGivenUpAndStopped()
    {
        var dashboard = AspireDashboard.Start(_host, Cli("exec sleep 600"), AspireDashboardPorts.Free(), patience: TimeSpan.FromMilliseconds(10));

        Assert.StartsWith("The stack runs without the Aspire dashboard, which did not answer within", await dashboard.Trouble);
        Assert.True(dashboard.Process!.Exited.IsCompleted);
    }

    [Fact]
    public async Task ACliThatIsNotThere_IsOneLineToo()
    {
        var dashboard = AspireDashboard.Start(_host, "/no/such/aspire", AspireDashboardPorts.Free());

        Assert.Equal(
            "The stack runs without the Aspire dashboard. aspire-dashboard: cannot start '/no/such/aspire': there is no such program; install it or correct the name.",
            await dashboard.Trouble);
        Assert.Null(dashboard.Process);
    }

    [Fact]
    public async Task TheCli_IsToldAddressesAndToStaySilent()
    {
        var dashboard = AspireDashboard.Start(_host, Cli("echo $ASPNETCORE_URLS $ASPIRE_CLI_TELEMETRY_OPTOUT \"$@\""), new(1111, 2222, 3333));

        await dashboard.Trouble;

        Assert.Equal(
            ["http://localhost:1111 1 dashboard run --allow-anonymous --frontend-url http://localhost:1111 --otlp-grpc-url http://localhost:2222 --otlp-http-url http://localhost:3333 --nologo --non-interactive"],
            dashboard.LastOutput());
    }

    [Fact]
    public void FreePorts_AreThree_AndGivenOnesAreKept()
    {
        var ports = AspireDashboardPorts.Free(otlpGrpc: 4317);

        Assert.Equal(4317, ports.OtlpGrpc);
        Assert.Equal(3, new HashSet<int> { ports.Frontend, ports.OtlpGrpc, ports.OtlpHttp }.Count);
    }

    private string Cli(string script)
    {
        var program = Path.Combine(_folder.FullName, "aspire");
        Shell.MakeProgram(program, $"#!/bin/sh\n{script}\n");
        return program;
    }
}
