using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>The two HTTP clients of this service. Both find others by name, as all clients of the stack do.</summary>
internal static class OutgoingClients
{
    /// <summary>Looks at the sources, again and again.</summary>
    public const string Sources = "sources";

    /// <summary>Carries the playground's prompts.</summary>
    public const string Playground = "playground";

    public static IServiceCollection AddOutgoingClients(this IServiceCollection services)
    {
        Add(services, Sources, untraced: true);
        Add(services, Playground, untraced: false);
        return services;
    }

    private static void Add(IServiceCollection services, string name, bool untraced) => services
        .AddHttpClient(name, client => client.Timeout = Timeout.InfiniteTimeSpan)
        .ConfigurePrimaryHttpMessageHandler(() =>
        {
            var handler = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ConnectTimeout = TimeSpan.FromSeconds(2),
                ConnectCallback = HttpDial.OpenAsync,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            };
            if (untraced)
            {
                // A page that looks every second would bury everybody's traces under its own.
                handler.ActivityHeadersPropagator = null;
            }

            return handler;
        })
        // Singletons keep their client, so the handler renews its connections itself.
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        // Four lines of log per look say nothing that the page does not.
        .RemoveAllLoggers();
}
