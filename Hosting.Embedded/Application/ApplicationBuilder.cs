using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Composes an application: configuration as a .NET host reads it, services of the run, and the resources.</summary>
internal sealed class ApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly EntryPointSession? _session;

    private ApplicationBuilder(DistributedApplicationOptions options, HostApplicationBuilderSettings settings, EntryPointSession? session)
    {
        _session = session;
        AppHostAssembly = AppHostProject.FindAssembly(options);
        var project = AppHostProject.Of(AppHostAssembly);

        settings.Args ??= options.Args;
        settings.ApplicationName ??= AppHostAssembly?.GetName().Name;
        settings.ContentRootPath ??= options.ProjectDirectory ?? project.Directory;
        _host = AppHostConfiguration.CreateHost(settings);

        AppHostDirectory = options.ProjectDirectory ?? project.Directory ?? _host.Environment.ContentRootPath;
        ExecutionContext = new DistributedApplicationExecutionContext(AppHostConfiguration.OperationOf(_host.Configuration));
        EmbeddedServices.Add(_host.Services, this, options, project);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new EventHub();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <summary>Makes a builder; one that a test intercepts when the AppHost runs inside a test.</summary>
    public static ApplicationBuilder Create(DistributedApplicationOptions options)
    {
        var session = EntryPointSession.Current;
        var settings = new HostApplicationBuilderSettings();
        session?.Prepare(options, settings);

        return new ApplicationBuilder(options, settings, session);
    }

    /// <summary>Makes a builder of a test that composes its application itself.</summary>
    public static ApplicationBuilder Create(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
        => new(options, settings, session: null);

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        _session?.HoldAtBuild(this);

        LifecycleCommands.AddTo(Resources);
        var host = _host.Build();
        ExecutionContext.Services = host.Services;
        return _session is null ? new DistributedApplication(host) : _session.Built(host);
    }
}
