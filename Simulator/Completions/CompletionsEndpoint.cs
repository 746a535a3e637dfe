using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal static class CompletionsEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (task, error) = CompletionRequest.Read(context, engine, new JsonFields(body.RootElement));
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await GenerationServing.ServeAsync(context, engine, task!, "cmpl-", answer => new CompletionAnswer(answer));
    }
}
