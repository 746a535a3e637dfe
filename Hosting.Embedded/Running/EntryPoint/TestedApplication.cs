using Aspire.Hosting;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The application as a test sees it; its AppHost's entry point runs beside.</summary>
internal sealed class TestedApplication(IHost host, EntryPointSession session) : DistributedApplication(host)
{
    public override Task StartAsync(CancellationToken cancellationToken = default) => session.StartAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await session.EndAsync();
        await base.DisposeAsync();
    }
}
