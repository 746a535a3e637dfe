using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Chat;

/// <summary>The prompt that a conversation becomes, and what echo mode says back.</summary>
internal sealed record ChatPrompt(List<int> Tokens, List<int> Echoed)
{
    /// <summary>Renders the messages of a body, or tells the error to answer.</summary>
    public static ChatPrompt? Read(JsonFields fields, ITokenizer tokenizer, out OpenAiError? error)
    {
        var messages = MessagesField.Read(fields, out error);
        if (messages is null)
        {
            return null;
        }

        var tools = fields.Element("tools");
        if (tools is { ValueKind: not JsonValueKind.Array })
        {
            error = JsonFields.Invalid("tools", "list_type", "Input should be a valid list");
            return null;
        }

        var tokens = new List<int>();
        var addGenerationPrompt = fields.Element("add_generation_prompt") is null || fields.Switch("add_generation_prompt");
        ChatTemplate.Render(tokenizer, messages, tools?.GetArrayLength() > 0 ? tools.Value.GetRawText() : null, addGenerationPrompt, tokens);

        var echoed = new List<int>();
        tokenizer.Encode(messages.FindLast(message => message.Role == "user").Content ?? messages[^1].Content, echoed);
        if (echoed.Count == 0)
        {
            echoed.Add(ChatMarks.Of(tokenizer).EndOfTurn);
        }

        return new ChatPrompt(tokens, echoed);
    }
}
