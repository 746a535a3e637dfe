var builder = DistributedApplication.CreateBuilder(args);
builder.AddKubernetesEnvironment("cluster").WithDashboard(false);

// The two lines that this is about: an engine, which a run simulates, and the router in front of it.
var engine = builder.AddVllm("engine", "Qwen/Qwen3-0.6B").WithGpus(1).WithModelCache().RunAsSimulator<Projects.Simulator>();
var router = builder.AddLlmdRouter<Projects.Router>("router").WithEngines(engine).WaitFor(engine);

builder.AddProject<Projects.Chat>("chat")
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(router)
    .WaitFor(router);

builder.Build().Run();
