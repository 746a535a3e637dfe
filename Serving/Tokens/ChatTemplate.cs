namespace LlmdAspire.Serving.Tokens;

/// <summary>Turns a conversation into prompt tokens by the marks that the tokenizer has (<see cref="ChatMarks"/>), without the date lines of real templates.</summary>
/// <remarks>Every message becomes tokens by itself, so a conversation that grows by a turn keeps the tokens it had.</remarks>
public static class ChatTemplate
{
    /// <param name="tools">The request's tools as raw JSON, told to the model in a leading system message; null when there are none.</param>
    /// <param name="addGenerationPrompt">Whether the assistant's header follows the last message.</param>
    public static void Render(
        ITokenizer tokenizer, IReadOnlyList<ChatMessage> messages, string? tools, bool addGenerationPrompt, List<int> tokens)
    {
        var marks = ChatMarks.Of(tokenizer);
        tokens.AddRange(marks.Begin);
        if (tools is not null)
        {
            Message(new ChatMessage("system", $"You may call these functions:\n{tools}"));
        }

        foreach (var message in messages)
        {
            Message(message);
        }

        if (addGenerationPrompt)
        {
            Header("assistant");
        }

        void Message(ChatMessage message)
        {
            Header(message.Role);
            tokenizer.Encode(message.Content, tokens);
            tokens.AddRange(marks.BehindContent);
        }

        void Header(string role)
        {
            tokens.AddRange(marks.BeforeRole);
            tokenizer.Encode(role, tokens);
            tokens.AddRange(marks.BehindRole);
        }
    }
}
