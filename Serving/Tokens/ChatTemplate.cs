namespace LlmdAspire.Serving.Tokens;

/// <summary>Turns a conversation into prompt tokens in the manner of Llama 3's template, without its date lines.</summary>
/// <remarks>
/// <c>&lt;|begin_of_text|&gt;</c>, then for each message <c>&lt;|start_header_id|&gt;role&lt;|end_header_id|&gt;\n\ncontent&lt;|eot_id|&gt;</c>, then
/// the assistant's header if it is to speak next. Every message becomes tokens by itself, so a conversation that grows by a turn keeps the tokens it had.
/// </remarks>
public static class ChatTemplate
{
    /// <param name="tools">The request's tools as raw JSON, told to the model in a leading system message; null when there are none.</param>
    /// <param name="addGenerationPrompt">Whether the assistant's header follows the last message.</param>
    public static void Render(
        ITokenizer tokenizer, IReadOnlyList<ChatMessage> messages, string? tools, bool addGenerationPrompt, List<int> tokens)
    {
        tokens.Add(SpecialTokens.BeginOfText);
        if (tools is not null)
        {
            Message(tokenizer, new ChatMessage("system", $"You may call these functions:\n{tools}"), tokens);
        }

        foreach (var message in messages)
        {
            Message(tokenizer, message, tokens);
        }

        if (addGenerationPrompt)
        {
            Header(tokenizer, "assistant", tokens);
        }
    }

    private static void Message(ITokenizer tokenizer, ChatMessage message, List<int> tokens)
    {
        Header(tokenizer, message.Role, tokens);
        tokenizer.Encode(message.Content, tokens);
        tokens.Add(SpecialTokens.EndOfTurn);
    }

    private static void Header(ITokenizer tokenizer, string role, List<int> tokens)
    {
        tokens.Add(SpecialTokens.StartHeader);
        tokenizer.Encode(role, tokens);
        tokens.Add(SpecialTokens.EndHeader);
        tokenizer.Encode("\n\n"u8, tokens);
    }
}
