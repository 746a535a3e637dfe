using System.Text.Json.Nodes;

namespace LlmdAspire.Chat;

/// <summary>The model that answers, asked as any OpenAI-compatible server is.</summary>
internal sealed class ChatModel(HttpClient http)
{
    /// <summary>The next message of a conversation.</summary>
    public async Task<IResult> AnswerAsync(JsonArray messages, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["model"] = await NameAsync(cancellationToken), ["messages"] = messages.DeepClone() };
        using var response = await http.PostAsJsonAsync("/v1/chat/completions", request, cancellationToken);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return response.IsSuccessStatusCode
            ? Results.Json(answer!["choices"]![0]!["message"])
            : Results.Json(answer, statusCode: (int)response.StatusCode);
    }

    // The application model knows the model's name; asking keeps it in one place.
    private async Task<string> NameAsync(CancellationToken cancellationToken)
    {
        var models = await http.GetFromJsonAsync<JsonObject>("/v1/models", cancellationToken);
        return (string)models!["data"]![0]!["id"]!;
    }
}
