using System.Text.Json.Nodes;
using LlmdAspire.Chat;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddHttpClient<ChatModel>(client => client.BaseAddress = builder.Configuration.GetServiceAddress("router"));

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapGet("/health", () => "Healthy");
app.MapPost("/chat", (JsonArray messages, ChatModel model, CancellationToken cancellationToken) => model.AnswerAsync(messages, cancellationToken));
app.Run();
