using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Chat;

/// <summary>The prompt that a conversation becomes, and what echo mode says back.</summary>
/// <param name="EndsWithToolResult">Whether the last message is what a tool has answered.</param>
internal sealed record ChatPrompt(List<int> Tokens, List<int> Echoed, bool EndsWithToolResult)
{
    /// <summary>Renders the messages of a body, or tells the error to answer.</summary>
    public static ChatPrompt? Read(JsonFields fields, ServedEngine engine, out OpenAiError? error)
    {
        var messages = MessagesField.Read(fields, engine.Model, out error);
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

        var addsPrompt = fields.Element("add_generation_prompt") is null || fields.Switch("add_generation_prompt");
        var continues = fields.Switch("continue_final_message");
        if (continues && addsPrompt)
        {
            error = OpenAiError.BadRequest("Cannot set both `continue_final_message` and `add_generation_prompt` to True.", "continue_final_message");
            return null;
        }

        return Render(engine.Tokenizer, messages, tools?.GetArrayLength() > 0 ? tools.Value.GetRawText() : null, addsPrompt, continues);
    }

    /// <summary>Renders messages that have been read.</summary>
    /// <param name="tools">The tools as raw JSON; null for none.</param>
    /// <param name="continues">Whether the last message goes on, instead of being over.</param>
    public static ChatPrompt Render(ITokenizer tokenizer, List<ChatMessage> messages, string? tools, bool addsPrompt = true, bool continues = false)
    {
        var marks = ChatMarks.Of(tokenizer);
        var tokens = new List<int>();
        ChatTemplate.Render(tokenizer, messages, tools, addsPrompt, tokens);
        if (continues)
        {
            // Without a generation prompt, a conversation ends with the end of its last message.
            tokens.RemoveRange(tokens.Count - marks.EndLength, marks.EndLength);
        }

        var echoed = new List<int>();
        tokenizer.Encode(messages.FindLast(message => message.Role == "user").Content ?? messages[^1].Content, echoed);
        if (echoed.Count == 0)
        {
            echoed.Add(marks.EndOfTurn);
        }

        return new ChatPrompt(tokens, echoed, messages[^1].Role == "tool");
    }
}
