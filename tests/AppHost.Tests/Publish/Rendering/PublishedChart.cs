namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>A chart that was published for a test, and rendered.</summary>
internal sealed class PublishedChart : IDisposable
{
    private PublishedChart(string folder, IReadOnlyList<RenderedObject> objects)
    {
        Folder = folder;
        Objects = objects;
    }

    public string Folder { get; }

    public IReadOnlyList<RenderedObject> Objects { get; }

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
        return new PublishedChart(folder, ChartRenderer.Render(folder, plan.ReleaseName, plan.Namespace));
    }

    public RenderedObject Find(string kind, string name) =>
        Objects.SingleOrDefault(found => found.Kind == kind && found.Name == name) ?? throw new InvalidOperationException($"No {kind} {name} among {string.Join(", ", Objects)}.");

    /// <summary>Every file with its content, in the order of names.</summary>
    public IReadOnlyDictionary<string, string> Files() => new SortedDictionary<string, string>(
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Folder, file), File.ReadAllText),
        StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
