using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>How resources of a local run are addressed: by 127.0.0.1, so that every program names an engine the same way.</summary>
internal static class LocalAddress
{
    public const string Loopback = "127.0.0.1";

    /// <summary>Puts an endpoint on 127.0.0.1 instead of <c>localhost</c>, which may mean two addresses.</summary>
    public static IResourceBuilder<T> OnLoopback<T>(this IResourceBuilder<T> builder, string endpointName)
        where T : IResourceWithEndpoints =>
        builder.WithEndpoint(endpointName, endpoint => endpoint.TargetHost = Loopback, createIfNotExists: false);
}
