using Aspire.Hosting;

namespace LlmdAspire.Hosting.Embedded.Tests.Model;

/// <summary>Where resources are told to send telemetry.</summary>
public sealed class TelemetryVariableTests
{
    private const string Collector = "http://127.0.0.1:4317";

    [Fact]
    public async Task InDevelopment_ResourcesExportQuickly_UnderTheirName()
    {
        var environment = await EnvironmentAsync($"--OTEL_EXPORTER_OTLP_ENDPOINT={Collector}", "--environment", "Development");

        Assert.StartsWith("service.instance.id=", environment["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
        environment.Remove("OTEL_RESOURCE_ATTRIBUTES");
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc",
                ["OTEL_SERVICE_NAME"] = "program",
                ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
                ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
                ["OTEL_TRACES_SAMPLER"] = "always_on",
                ["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based",
                ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true",
            },
            environment);
    }

    [Fact]
    public async Task InProduction_TheDelaysAreTheSdksOwn()
    {
        var environment = await EnvironmentAsync($"--OTEL_EXPORTER_OTLP_ENDPOINT={Collector}", "--environment", "Production");

        Assert.DoesNotContain("OTEL_BSP_SCHEDULE_DELAY", environment.Keys);
    }

    [Fact]
    public async Task WithoutReceiver_NothingIsSaid()
    {
        Assert.Empty(await EnvironmentAsync("--OTEL_EXPORTER_OTLP_ENDPOINT=", "--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL="));
    }

    [Theory]
    [InlineData(null, Collector, null, Collector, "grpc")]
    [InlineData(null, Collector, "http://127.0.0.1:4318", Collector, "grpc")]
    [InlineData(null, null, "http://127.0.0.1:4318", "http://127.0.0.1:4318", "http/protobuf")]
    [InlineData(OtlpProtocol.HttpProtobuf, Collector, "http://127.0.0.1:4318", "http://127.0.0.1:4318", "http/protobuf")]
    [InlineData(OtlpProtocol.HttpProtobuf, Collector, null, null, null)]
    public void Protocol_IsTheOneBothSpeak(OtlpProtocol? required, string? grpc, string? http, string? url, string? protocol)
    {
        var target = OtlpTarget.FromConfiguration(Models.New("--OTEL_EXPORTER_OTLP_ENDPOINT=").Configuration);
        target.UseDashboard(grpc is null ? null : new Uri(grpc), http is null ? null : new Uri(http));

        Assert.Equal(url is null ? null : (url, protocol!), target.For(required));
    }

    [Fact]
    public async Task AddressWhereNobodyListens_IsForgotten()
    {
        var free = new FreePorts(Random.Shared).Take();
        var target = OtlpTarget.FromConfiguration(Models.New("--OTEL_EXPORTER_OTLP_ENDPOINT=", $"--ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:{free}").Configuration);

        Assert.NotNull(target.For(null));
        await target.ForgetAbsentAsync(CancellationToken.None);

        Assert.Null(target.For(null));
    }

    private static async Task<Dictionary<string, string>> EnvironmentAsync(params string[] args)
    {
        var builder = Models.New(args);
        var program = builder.AddProgram("program").WithOtlpExporter();
        await using var app = builder.Build();
        return await program.EnvironmentAsync();
    }
}
