using Microsoft.AspNetCore.Builder;

namespace LlmdAspire.ServiceDefaults;

/// <summary>A service of this stack: flags, listener, telemetry, health, metrics, drain and exit codes, the same for all.</summary>
/// <typeparam name="TFlags">The service's flags.</typeparam>
/// <remarks>
/// A derived class says what it adds to the container and which endpoints it maps; <c>Program.cs</c> is
/// <c>return await new RouterService().RunAsync(args);</c>. Tests use <see cref="StartAsync"/>.
/// </remarks>
public abstract class Service<TFlags>
    where TFlags : ServiceFlags, new()
{
    /// <summary>Adds the service's own parts to the container.</summary>
    protected abstract void AddServices(WebApplicationBuilder builder, TFlags flags);

    /// <summary>Maps the service's endpoints; the common ones are mapped already.</summary>
    protected abstract void MapEndpoints(WebApplication app, TFlags flags);

    /// <summary>Ports to listen on besides the main one; none by default. 0 takes a free one.</summary>
    protected virtual IEnumerable<int> AdditionalPorts(TFlags flags) => [];

    /// <summary>Runs until SIGTERM or Ctrl-C, then drains.</summary>
    /// <returns>The exit code: 0 clean stop, 2 wrong usage or configuration, 1 anything else.</returns>
    public Task<int> RunAsync(string[] args) => throw new NotImplementedException();

    /// <summary>Starts the service in this process and returns once it listens.</summary>
    /// <exception cref="UsageException">The flags are wrong or a port is busy; the message is the line that <see cref="RunAsync"/> prints.</exception>
    public Task<RunningService> StartAsync(string[] args, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

/// <summary>Wrong usage or configuration, found after the flags were read; ends the program with its message as one line and exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>A service started in this process; disposing drains and stops it.</summary>
public sealed class RunningService : IAsyncDisposable
{
    internal RunningService(WebApplication app, IReadOnlyList<Uri> urls)
    {
        App = app;
        Urls = urls;
    }

    internal WebApplication App { get; }

    /// <summary>Where it listens, the main port first, with real port numbers.</summary>
    public IReadOnlyList<Uri> Urls { get; }

    /// <summary>The main address.</summary>
    public Uri Url => Urls[0];

    public IServiceProvider Services => App.Services;

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
