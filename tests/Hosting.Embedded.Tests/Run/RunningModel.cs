using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>An application of small shell programs, really run; what they write goes to the log, and everything ends with it.</summary>
internal sealed class RunningModel : IAsyncDisposable
{
    private RunningModel(DistributedApplication app) => App = app;

    public DistributedApplication App { get; }

    public static async Task<RunningModel> StartAsync(Action<IDistributedApplicationBuilder> compose)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [], DisableDashboard = true, EnableResourceLogging = true });
        builder.Configuration.AddInMemoryCollection([new("Logging:LogLevel:Default", "None")]);
        compose(builder);
        var model = new RunningModel(builder.Build());
        try
        {
            await Eventually.DoneAsync(model.App.StartAsync());
            return model;
        }
        catch
        {
            await model.DisposeAsync();
            throw;
        }
    }

    public Task<ResourceEvent> WaitAsync(string resource, string state)
        => Eventually.DoneAsync(App.ResourceNotifications.WaitForResourceAsync(resource, e => e.Snapshot.State?.Text == state));

    public CustomResourceSnapshot Now(string resource)
        => App.ResourceNotifications.TryGetCurrentState(resource, out var e) ? e.Snapshot : throw new InvalidOperationException($"Nothing is known of {resource}.");

    public async Task<int> ProcessIdAsync(string resource) => ProcessId((await WaitAsync(resource, KnownResourceStates.Running)).Snapshot)!.Value;

    public static int? ProcessId(CustomResourceSnapshot snapshot) => (int?)snapshot.Properties.FirstOrDefault(p => p.Name == "executable.pid")?.Value;

    public Task<ExecuteCommandResult> CommandAsync(string resource, string command) => Eventually.DoneAsync(App.ResourceCommands.ExecuteCommandAsync(resource, command));

    public async ValueTask DisposeAsync()
    {
        await Eventually.DoneAsync(App.StopAsync());
        await App.DisposeAsync();
    }
}

internal static class ShellPrograms
{
    /// <summary>Adds a program that runs a shell script.</summary>
    public static IResourceBuilder<ExecutableResource> AddScript(this IDistributedApplicationBuilder builder, string name, string script)
        => builder.AddExecutable(name, "sh", ".", "-c", script);
}
