namespace LlmdAspire.Chat;

/// <summary>Where the services are that Aspire refers to.</summary>
internal static class ServiceAddress
{
    /// <summary>The address that <c>WithReference</c> puts into the environment, as <c>services__NAME__http__0</c>.</summary>
    /// <remarks>With Microsoft.Extensions.ServiceDiscovery, <c>http://NAME</c> is enough.</remarks>
    public static Uri GetServiceAddress(this IConfiguration configuration, string name) =>
        new(configuration[$"services:{name}:http:0"]
            ?? throw new InvalidOperationException($"No address of '{name}'; start the AppHost, or set services__{name}__http__0."));
}
