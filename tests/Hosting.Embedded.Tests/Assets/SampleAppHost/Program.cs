using Microsoft.Extensions.Configuration;

// An AppHost for tests: one greeter that waits for another.
try
{
    var builder = DistributedApplication.CreateBuilder(args);
    if (builder.Configuration["fail"] is { Length: > 0 } complaint)
    {
        throw new InvalidOperationException(complaint);
    }

    var first = builder.AddProject<Projects.Greeter>("first")
        .WithHttpEndpoint(port: builder.Configuration.GetValue<int?>("port"), isProxied: false)
        .WithHttpHealthCheck("/health")
        .WithEnvironment("GREETING", builder.Configuration["greeting"]);

    builder.AddProject<Projects.Greeter>("second")
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health")
        .WithArgs("--first", first.GetEndpoint("http"))
        .WithReference(first)
        .WaitFor(first);

    await builder.Build().RunAsync();
    return 0;
}
catch (DistributedApplicationException mistake)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}
