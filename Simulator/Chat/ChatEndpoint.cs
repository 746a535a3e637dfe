using System.Text.Json;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (task, error) = ChatRequest.Read(context, engine, new JsonFields(body.RootElement));
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await GenerationServing.ServeAsync(context, engine, task!, "chatcmpl-", answer => new ChatAnswer(answer));
    }
}
