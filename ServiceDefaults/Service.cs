using System.Buffers;
using LlmdAspire.ServiceDefaults.Draining;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.ServiceDefaults.Listening;
using LlmdAspire.ServiceDefaults.Metrics;
using LlmdAspire.ServiceDefaults.Probes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.ServiceDefaults;

/// <summary>A service of this stack: flags, listener, telemetry, health, metrics, drain and exit codes, the same for all.</summary>
/// <typeparam name="TFlags">The service's flags.</typeparam>
/// <remarks>
/// A derived class says what it adds to the container and which endpoints it maps; <c>Program.cs</c> is
/// <c>return await new RouterService().RunAsync(args);</c>. Tests use <see cref="StartAsync"/>.
/// </remarks>
public abstract partial class Service<TFlags>
    where TFlags : ServiceFlags, new()
{
    /// <summary>Adds the service's own parts to the container.</summary>
    protected abstract void AddServices(WebApplicationBuilder builder, TFlags flags);

    /// <summary>Maps the service's endpoints; the common ones are mapped already.</summary>
    protected abstract void MapEndpoints(WebApplication app, TFlags flags);

    /// <summary>Ports to listen on besides the main one; none by default. 0 takes a free one.</summary>
    protected virtual IEnumerable<int> AdditionalPorts(TFlags flags) => [];

    /// <summary>Ports that speak gRPC and nothing else; none by default. What they answer is given to <see cref="GrpcMiddleware.UseGrpc"/> in <see cref="MapEndpoints"/>.</summary>
    protected virtual IEnumerable<GrpcListener> GrpcPorts(TFlags flags) => [];

    /// <summary>Changes the web server's settings, for example its limit for request bodies.</summary>
    protected virtual void ConfigureServer(KestrelServerOptions server, TFlags flags)
    {
    }

    /// <summary>The part of traces begun here that is kept, from 0 to 1; null leaves it to the OTEL_* variables, whose default is all.</summary>
    protected virtual double? TracesKept(TFlags flags) => null;

    /// <summary>Maps <c>/health</c>: 200 while every registered health check passes, else 503. Override to answer it in another way.</summary>
    protected virtual void MapHealth(WebApplication app) => ProbeEndpoints.MapHealth(app);

    /// <summary>Maps <c>/metrics</c>, the instruments of this process. Override to answer it in another way.</summary>
    protected virtual void MapMetrics(WebApplication app) => ProbeEndpoints.MapMetrics(app);

    /// <summary>Whether anybody can ask for the instruments of this process; where nobody can, measuring costs nothing.</summary>
    protected virtual bool ExposesMetrics(TFlags flags) => true;

    /// <summary>Writes the instruments of this process as Prometheus text, for services that answer <c>/metrics</c> in another way.</summary>
    protected static void WriteProcessMetrics(WebApplication app, IBufferWriter<byte> output) =>
        app.Services.GetRequiredService<MetricRegistry>().Write(output);

    /// <summary>Maps <c>/version</c>. Override to answer it in another way.</summary>
    protected virtual void MapVersion(WebApplication app) =>
        ProbeEndpoints.MapVersion(app, app.Services.GetRequiredService<ServiceFlags>().Program);

    /// <summary>Runs until SIGTERM or Ctrl-C, then drains.</summary>
    /// <returns>The exit code: 0 clean stop, 2 wrong usage or configuration, 1 anything else.</returns>
    public async Task<int> RunAsync(string[] args)
    {
        var flags = new TFlags();
        if (flags.Read(args) is { } exit)
        {
            var output = exit.ExitCode == 0 ? Console.Out : Console.Error;
            foreach (var line in exit.Lines)
            {
                await output.WriteLineAsync(exit.ExitCode == 0 ? line : $"{flags.Program}: {line}");
            }

            return exit.ExitCode;
        }

        try
        {
            var running = await StartAsync(flags, CancellationToken.None);
            await StopRequested(running.App);
            // The host stops when a background service throws; to whoever started us that is a failure.
            var failed = FailedWork.Find(running.App);
            if (failed is not null)
            {
                ServiceLog.BackgroundFailed(running.App.Logger, failed);
            }

            await running.DisposeAsync();
            return failed is null ? 0 : 1;
        }
        catch (UsageException e)
        {
            foreach (var mistake in e.Mistakes)
            {
                await Console.Error.WriteLineAsync(mistake);
            }

            return 2;
        }
        catch (OperationCanceledException)
        {
            // Asked to stop before it had started.
            return 0;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"{flags.Program}: failed: {e}");
            return 1;
        }
    }

    /// <summary>Starts the service in this process and returns once it listens.</summary>
    /// <exception cref="UsageException">The flags are wrong or a port is busy; the message is the line that <see cref="RunAsync"/> prints.</exception>
    public async Task<RunningService> StartAsync(string[] args, CancellationToken cancellationToken = default)
    {
        var flags = new TFlags();
        if (flags.Read(args) is { } exit)
        {
            throw new UsageException([.. exit.Lines.Select(line => $"{flags.Program}: {line}")]);
        }

        return await StartAsync(flags, cancellationToken);
    }

    private async Task<RunningService> StartAsync(TFlags flags, CancellationToken cancellationToken)
    {
        WebApplication? app = null;
        try
        {
            int[] ports = [flags.Port, .. AdditionalPorts(flags)];
            GrpcListener[] grpcPorts = [.. GrpcPorts(flags)];
            app = Build(flags, ports, grpcPorts);
            await StartListeningAsync(app, flags, [.. ports, .. grpcPorts.Select(listener => listener.Port)], cancellationToken);
            var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            var urls = string.Join(' ', bound);
            ServiceLog.Listening(app.Logger, flags.Program, ProductVersion.Text, urls);
            if (flags.Ignored.Count > 0)
            {
                var ignored = string.Join(", ", flags.Ignored);
                ServiceLog.Ignored(app.Logger, ignored);
            }

            return new RunningService(app, [.. bound.Select(ListenAddresses.ToUsable)], running => StopAsync(running, flags));
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (e is UsageException usage)
            {
                throw new UsageException([.. usage.Mistakes.Select(line => $"{flags.Program}: {line}")]);
            }

            throw;
        }
    }

    private static async Task StartListeningAsync(WebApplication app, TFlags flags, int[] ports, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            var mistakes = BindFailure.Explain(flags, ports);
            throw mistakes.Count > 0 ? new UsageException(mistakes) : e;
        }
        catch (OperationCanceledException) when (FailedWork.Find(app) is { } failed)
        {
            throw new InvalidOperationException("Background work failed before the service listened.", failed);
        }
    }

    private static async Task StopAsync(WebApplication app, TFlags flags)
    {
        await Drain.StopAsync(app, flags.DrainTimeout);
        await app.DisposeAsync();
    }

    private static async Task StopRequested(WebApplication app)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = app.Lifetime.ApplicationStopping.Register(stop.SetResult);
        await stop.Task;
    }
}
