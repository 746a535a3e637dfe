using Aspire.Hosting;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The application as an AppHost's entry point sees it when it runs inside a test: it starts when the test starts it.</summary>
internal sealed class HeldApplication(IHost host, EntryPointSession session) : DistributedApplication(host)
{
    private readonly IHost _host = host;

    public override Task StartAsync(CancellationToken cancellationToken = default) => session.StartHeldAsync(_host, cancellationToken);

    /// <summary>The test disposes of the application, when it is done with it.</summary>
#pragma warning disable CA2215 // See above.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
#pragma warning restore CA2215
}
