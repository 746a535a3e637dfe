using System.Reflection;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>An AppHost's entry point, run inside a test and held where the test takes part.</summary>
/// <remarks>
/// The entry point runs on a thread of its own. It is held in Build until the test builds, and in Start or Run until the test starts;
/// then it goes on as it would by itself, until the test disposes of the application.
/// </remarks>
internal sealed class EntryPointSession
{
    private static readonly AsyncLocal<EntryPointSession?> s_current = new();
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Assembly _assembly;
    private readonly string[] _args;
    private readonly Action<DistributedApplicationOptions, HostApplicationBuilderSettings> _configure;
    private readonly TaskCompletionSource<ApplicationBuilder> _builder = NewSource<ApplicationBuilder>();
    private readonly TaskCompletionSource<IHost> _host = NewSource<IHost>();
    private readonly TaskCompletionSource<bool> _build = NewSource<bool>();
    private readonly TaskCompletionSource<bool> _start = NewSource<bool>();
    private readonly TaskCompletionSource<bool> _started = NewSource<bool>();
    private readonly TaskCompletionSource<bool> _ended = NewSource<bool>();
    private int _ending;

    public EntryPointSession(Assembly assembly, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure)
    {
        (_assembly, _args, _configure) = (assembly, args, configure);
        var thread = new Thread(RunEntryPoint) { IsBackground = true, Name = $"{assembly.GetName().Name} entry point" };
        thread.Start();
    }

    /// <summary>The session whose entry point is running on this logical thread; null outside of tests.</summary>
    public static EntryPointSession? Current => s_current.Value;

    /// <summary>The AppHost's builder, complete with what the AppHost put into it.</summary>
    public Task<ApplicationBuilder> BuilderAsync(CancellationToken cancellationToken) => _builder.Task.WaitAsync(cancellationToken);

    /// <summary>Called when the entry point makes its builder.</summary>
    public void Prepare(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        var project = AppHostProject.Of(_assembly);
        options.Args = [.. options.Args ?? [], .. _args.Except(options.Args ?? [])];
        options.AssemblyName = _assembly.GetName().Name;
        options.DisableDashboard = true;
        options.EnableResourceLogging = true;
        settings.Args = options.Args;
        settings.ApplicationName = options.AssemblyName;
        settings.ContentRootPath = project.Directory;
        settings.Configuration ??= new ConfigurationManager();
        settings.Configuration.AddInMemoryCollection(TestDefaults(project));
        _configure(options, settings);
    }

    /// <summary>Called when the entry point builds; returns when the test does.</summary>
    public void HoldAtBuild(ApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _build.Task.GetAwaiter().GetResult();
    }

    /// <summary>The application that the entry point sees.</summary>
    public DistributedApplication Built(IHost host)
    {
        _host.TrySetResult(host);
        return new HeldApplication(host, this);
    }

    /// <summary>Lets the entry point build, and returns the application that the test sees.</summary>
    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _build.TrySetResult(true);
        return new TestedApplication(await _host.Task.WaitAsync(cancellationToken), this);
    }

    /// <summary>Lets the entry point start, and returns when it has.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _start.TrySetResult(true);
        return _started.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Called when the entry point starts the application.</summary>
    public async Task StartHeldAsync(IHost host, CancellationToken cancellationToken)
    {
        await _start.Task.WaitAsync(cancellationToken);
        try
        {
            await host.StartAsync(cancellationToken);
            _started.TrySetResult(true);
        }
        catch (Exception exception)
        {
            _started.TrySetException(exception);
            throw;
        }
    }

    /// <summary>Ends the application and waits for the entry point to return.</summary>
    public async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            return;
        }

        // Wherever the entry point is held, it is let go with a cancellation.
        var wasStarted = _started.Task.IsCompletedSuccessfully;
        _build.TrySetCanceled();
        _start.TrySetCanceled();
        var host = _host.Task.IsCompletedSuccessfully ? await _host.Task : null;
        if (host is not null && wasStarted)
        {
            host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        }

        await Task.WhenAny(_ended.Task, Task.Delay(s_patience));
        if (host is not null && wasStarted)
        {
            await host.StopAsync();
        }
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Free ports instead of the usual ones, and the environment of the AppHost's first launch profile.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> TestDefaults(AppHostProject project)
    {
        yield return new("DcpPublisher:RandomizePorts", "true");
        if (LaunchProfiles.Choose(LaunchProfiles.Read(project.Directory), wanted: null) is var (_, profile))
        {
            foreach (var (name, value) in profile.EnvironmentVariables)
            {
                yield return new(name, value);
                if (name is "DOTNET_ENVIRONMENT")
                {
                    yield return new(HostDefaults.EnvironmentKey, value);
                }
            }
        }
    }

    private void RunEntryPoint()
    {
        s_current.Value = this;
        Exception? failure = null;
        try
        {
            var main = _assembly.EntryPoint ?? throw new InvalidOperationException($"{_assembly.GetName().Name} has no entry point.");
            var code = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [_args], null);
            failure = new InvalidOperationException($"The AppHost ended with {code ?? 0} before it got this far; its messages say why.");
        }
#pragma warning disable CA1031 // Whatever the AppHost throws, the test that waits for it must see.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        _builder.TrySetException(failure);
        _host.TrySetException(failure);
        _started.TrySetException(failure);
        // Nobody may be waiting for these any more.
        _ = _builder.Task.Exception;
        _ = _host.Task.Exception;
        _ = _started.Task.Exception;
        _ended.TrySetResult(true);
    }
}
