using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Responses;

/// <summary><c>POST /v1/responses</c>, whole or streamed. Nothing is stored, as in vLLM by default.</summary>
internal static class ResponsesEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var (task, error) = Read(context, engine, fields);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await GenerationServing.ServeAsync(context, engine, task!, "resp_", answer => new ResponsesAnswer(answer, fields));
    }

    /// <summary>Answers a question about a response of before.</summary>
    public static Task NotFoundAsync(HttpContext context) =>
        JsonReply.WriteAsync(context, ResponsesBody.NotFound(context.Request.RouteValues["id"] as string ?? ""));

    private static (ModelTask? Task, OpenAiError? Error) Read(HttpContext context, ServedEngine engine, JsonFields fields)
    {
        var chat = ResponsesBody.ToChat(fields, out var error);
        if (chat is null)
        {
            return (null, error);
        }

        using var document = JsonDocument.Parse(chat.ToJsonString());
        return ChatRequest.Read(context, engine, new JsonFields(document.RootElement));
    }
}
