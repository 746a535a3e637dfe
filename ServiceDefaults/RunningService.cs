using Microsoft.AspNetCore.Builder;

namespace LlmdAspire.ServiceDefaults;

/// <summary>A service started in this process; disposing drains and stops it.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private readonly Func<WebApplication, Task> _stop;
    private int _disposed;

    internal RunningService(WebApplication app, IReadOnlyList<Uri> urls, Func<WebApplication, Task> stop)
    {
        App = app;
        Urls = urls;
        _stop = stop;
    }

    internal WebApplication App { get; }

    /// <summary>Where it listens, the main port first, with real port numbers; a wildcard address is shown as this machine's own.</summary>
    public IReadOnlyList<Uri> Urls { get; }

    /// <summary>The main address.</summary>
    public Uri Url => Urls[0];

    public IServiceProvider Services => App.Services;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stop(App);
        }
    }
}
