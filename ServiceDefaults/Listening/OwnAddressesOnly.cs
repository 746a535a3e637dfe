using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LlmdAspire.ServiceDefaults.Listening;

/// <summary>Forgets the addresses that the framework took from its own variables: the flags have read those already.</summary>
/// <remarks>Runs after the framework filled them in and before the server looks, which would otherwise warn that ours override them.</remarks>
internal sealed class OwnAddressesOnly : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.ServerFeatures.Get<IServerAddressesFeature>()?.Addresses.Clear();
        next(app);
    };
}
