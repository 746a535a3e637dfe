using LlmdAspire.KvIndexer.Tests.Peers;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

/// <summary>Chat templates in the manner of models in use, and nastier ones.</summary>
internal static class Templates
{
    /// <summary>Every message by itself; a default system message where there is none.</summary>
    public static string ChatMl(Rendering r) =>
        (r.Messages[0].Role == "system" ? "" : "<|start|>system\nYou are a helpful assistant.<|end|>\n") + r.Each((m, _) => $"<|start|>{m.Role}\n{m.Content.Trim()}<|end|>\n") + Ask(r);

    /// <summary>Words where others have marks, so that the tokenizer could merge across messages.</summary>
    public static string PlainText(Rendering r) => r.Each((m, _) => $"{m.Role.ToUpperInvariant()}: {m.Content}\n") + (r.AddGenerationPrompt ? "ASSISTANT: " : "");

    /// <summary>Thinking is kept behind the last message of the user and stripped before it; the assistant is told not to think.</summary>
    public static string StripsThinking(Rendering r) =>
        r.Each((m, i) => $"<|start|>{m.Role}\n{(i < r.LastUser ? WithoutThinking(m.Content) : m.Content)}<|end|>\n") + (r.AddGenerationPrompt ? "<|start|>assistant\n<think>\n\n</think>\n\n" : "");

    /// <summary>Tools stand before the last message of the user.</summary>
    public static string ToolsInLastTurn(Rendering r) =>
        "<|begin|>" + r.Each((m, i) => m.Role == "assistant" ? $" {m.Content}<|end|>" : (i == r.LastUser ? $"<|tools|>{r.Tools}<|endtools|>" : "") + $"[INST] {m.Content}[/INST]");

    /// <summary>Tools and system message go into the first message of the user.</summary>
    public static string ToolsInFirstTurn(Rendering r)
    {
        var first = r.Messages.ToList().FindIndex(m => m.Role == "user");
        return "<|begin|>" + r.Each((m, i) => m.Role == "system" ? "" : $"<|start|>{m.Role}<|head|>\n\n"
            + (i == first ? r.Messages[0].Role == "system" ? r.Messages[0].Content + r.Tools : r.Tools : "") + m.Content + "<|end|>") + Ask(r);
    }

    /// <summary>The system message stands before the last message of the user: what was said first moves with every turn.</summary>
    public static string SystemInLastTurn(Rendering r) => "<|begin|>" + r.Each((m, i) => m.Role switch
    {
        "system" => "",
        "assistant" => $" {m.Content}<|end|>",
        _ => "[INST] " + (i == r.LastUser && r.Messages[0].Role == "system" ? r.Messages[0].Content + "\n\n" : "") + m.Content + "[/INST]",
    });

    /// <summary>Messages are numbered.</summary>
    public static string Numbered(Rendering r) => r.Each((m, i) => $"<|start|>{m.Role} {i + 1}\n{m.Content}<|end|>\n") + Ask(r);

    /// <summary>The number of messages stands at the front.</summary>
    public static string Counted(Rendering r) => $"{r.Messages.Count} messages follow.\n" + ChatMl(r);

    /// <summary>All but the last two messages are left out.</summary>
    public static string Trimmed(Rendering r) => r.Each((m, i) => i >= r.Messages.Count - 2 || m.Role == "system" ? $"<|start|>{m.Role}\n{m.Content}<|end|>\n" : "") + Ask(r);

    /// <summary>Takes no conversation without a system message.</summary>
    public static string NeedsSystem(Rendering r) => r.Messages[0].Role == "system" ? ChatMl(r) : throw new TemplateRefusal("A system message must come first.");

    /// <summary>Takes only users and assistants in turn, the user first.</summary>
    public static string Alternating(Rendering r)
    {
        var turns = r.Messages.Where(m => m.Role != "system").ToList();
        return Enumerable.Range(0, turns.Count).All(i => turns[i].Role == (i % 2 == 0 ? "user" : "assistant"))
            ? ChatMl(r)
            : throw new TemplateRefusal("Conversation roles must alternate user/assistant/user/assistant/...");
    }

    private static string Ask(Rendering r) => r.AddGenerationPrompt ? "<|start|>assistant\n" : "";

    private static string WithoutThinking(string content) =>
        content.IndexOf("</think>", StringComparison.Ordinal) is >= 0 and var end ? content[(end + "</think>".Length)..].TrimStart('\n') : content;
}
