using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Messages;

/// <summary><c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>: Anthropic's API over the same model.</summary>
internal static class MessagesEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (task, error) = Read(context, engine, body, needsMaxTokens: true);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await GenerationServing.ServeAsync(context, engine, task!, "chatcmpl-", answer => new MessagesAnswer(answer));
    }

    public static Task CountTokensAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (task, error) = Read(context, engine, body, needsMaxTokens: false);
        return error is not null ? JsonReply.WriteAsync(context, error) : JsonReply.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("input_tokens", task!.Prompts[0].Count);
            json.WriteStartObject("context_management");
            json.WriteNumber("original_input_tokens", task.Prompts[0].Count);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static (ModelTask? Task, OpenAiError? Error) Read(HttpContext context, ServedEngine engine, JsonDocument body, bool needsMaxTokens)
    {
        var chat = MessagesBody.ToChat(new JsonFields(body.RootElement), needsMaxTokens, out var error);
        if (chat is null)
        {
            return (null, error);
        }

        // From here on errors have Anthropic's shape; what the framework finds wrong before has not.
        context.Features.Set(new ErrorShape(Shape));
        using var document = JsonDocument.Parse(chat.ToJsonString());
        return ChatRequest.Read(context, engine, new JsonFields(document.RootElement));
    }

    private static byte[] Shape(OpenAiError error) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject { ["type"] = "error", ["error"] = new JsonObject { ["type"] = error.Type, ["message"] = error.Message } });
}
