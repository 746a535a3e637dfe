// A service for tests: healthy, tells its environment and arguments, ends when it is told to.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("greetings"));
app.MapGet("/health", () => "ok");
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapGet("/arguments", () => args);
app.MapPost("/crash", () => Environment.Exit(3));
app.Run();
