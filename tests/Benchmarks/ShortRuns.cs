using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace LlmdAspire.Benchmarks;

/// <summary>How benchmarks run: in this process and short, so that all of them take minutes on two cores.</summary>
/// <remarks>In this process, because a generated project would build into the repository's shared output folders.</remarks>
internal sealed class ShortRuns : ManualConfig
{
    public ShortRuns()
    {
        _ = AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(4)
            .WithIterationCount(8)
            .WithIterationTime(TimeInterval.FromMilliseconds(150)));
        _ = AddColumnProvider(DefaultColumnProviders.Instance);
        _ = AddColumn(StatisticColumn.OperationsPerSecond);
        _ = AddDiagnoser(MemoryDiagnoser.Default);
        _ = AddExporter(MarkdownExporter.GitHub);
        _ = AddLogger(ConsoleLogger.Default);
        ArtifactsPath = Path.Combine(AppContext.BaseDirectory, "results");
    }
}
