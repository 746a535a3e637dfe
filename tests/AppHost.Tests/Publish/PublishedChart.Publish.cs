using System.Collections.Concurrent;

namespace LlmdAspire.AppHost.Tests.Publish;

internal sealed partial class PublishedChart
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<PublishedChart>>> s_shared = new();

    /// <summary>The chart of certain options, published once for all tests that only look at it; its folder goes with the process.</summary>
    public static Task<PublishedChart> SharedAsync(string options) => s_shared.GetOrAdd(options, _ => new(() => PublishForAllAsync(options))).Value;

    /// <summary>Publishes as the command line would, in this process.</summary>
    public static async Task<PublishedChart> PublishAsync(params string[] options)
    {
        var folder = Directory.CreateTempSubdirectory("llmd-chart-").FullName;
        string[] args = ["--operation", "publish", "--step", "publish", "--output-path", folder, .. options];
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });
        var command = StackCommand.Read(args, builder.Configuration, builder.ExecutionContext.IsPublishMode);
        Assert.True(command.Options is not null, string.Join('\n', command.Lines));
        LlmdStack.Compose(builder, command.Options);
        await using var application = builder.Build();
        await application.RunAsync(TestContext.Current.CancellationToken);
        var plan = command.Options.Cluster;
        return Read(folder, plan.ReleaseName, plan.Namespace);
    }

    private static async Task<PublishedChart> PublishForAllAsync(string options)
    {
        var chart = await PublishAsync(options.Split(' '));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => chart.Dispose();
        return chart;
    }
}
