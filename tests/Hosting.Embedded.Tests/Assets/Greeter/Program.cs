// A service for tests: healthy, tells its environment and arguments, ends when it is told to.
var app = WebApplication.Create();
app.MapGet("/health", () => "ok");
app.MapGet("/environment/{name}", (string name) => Environment.GetEnvironmentVariable(name) ?? "");
app.MapGet("/arguments", () => args);
app.MapPost("/crash", () => Environment.Exit(3));
app.Run();
