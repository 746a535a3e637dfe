// An AppHost for tests: one greeter that waits for another.
var builder = DistributedApplication.CreateBuilder(args);

if (builder.Configuration["fail"] is { Length: > 0 } complaint)
{
    throw new DistributedApplicationException(complaint);
}

var first = builder.AddProject<Projects.Greeter>("first")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithEnvironment("GREETING", builder.Configuration["greeting"]);

builder.AddProject<Projects.Greeter>("second")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithArgs("--first", first.GetEndpoint("http"))
    .WithReference(first)
    .WaitFor(first);

await builder.Build().RunAsync();
