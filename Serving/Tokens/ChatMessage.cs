namespace LlmdAspire.Serving.Tokens;

/// <summary>One message of a conversation, its parts already joined to one text.</summary>
public readonly record struct ChatMessage(string Role, string Content);
