namespace LlmdAspire.Serving.OpenAi;

/// <summary>What routing needs to know of a request body, found without building a document.</summary>
/// <remarks>Offsets count from the start of the body. Where a member stands twice the last one counts, as in vLLM.</remarks>
public readonly record struct RequestPeek
{
    /// <summary>The <c>model</c> asked for; null when absent.</summary>
    public string? Model { get; init; }

    /// <summary>Where the raw JSON of the model's name stands.</summary>
    public ByteRange ModelValue { get; init; }

    /// <summary>Whether the client asked for a stream of events.</summary>
    public bool Stream { get; init; }

    /// <summary><c>max_completion_tokens</c>, else <c>max_tokens</c>, else <c>max_output_tokens</c>.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>What kind of prompt <see cref="Prompt"/> is.</summary>
    public PromptKind PromptKind { get; init; }

    /// <summary>Where the raw JSON of the prompt, messages or input stands.</summary>
    public ByteRange Prompt { get; init; }

    /// <summary>Members besides the messages that decide what a chat template renders, such as <c>tools</c>: name, colon and value; null when there are none.</summary>
    public IReadOnlyList<ByteRange>? TemplateMembers { get; init; }

    /// <summary>vLLM's <c>cache_salt</c>: requests with different salts share no cached prefix.</summary>
    public string? CacheSalt { get; init; }

    /// <summary><c>session_params.session_id</c>, else <c>user</c>, <c>session_id</c>, <c>user_id</c>: the first that is a text, and not an empty one, or a number.</summary>
    public string? SessionKey { get; init; }

    /// <summary>Whether <see cref="SessionKey"/> names a user rather than a session.</summary>
    public bool SessionKeyNamesUser { get; init; }

    /// <summary>The client says where the prompt's KV blocks are: <c>kv_transfer_params</c> stands in the body.</summary>
    public bool HasKvTransferParams { get; init; }
}

/// <summary>A run of bytes in a body.</summary>
public readonly record struct ByteRange(long Start, long Length);

/// <summary>The forms in which a prompt comes.</summary>
public enum PromptKind
{
    None,

    /// <summary>One string.</summary>
    Text,

    /// <summary>One list of token ids.</summary>
    TokenIds,

    /// <summary>Chat messages.</summary>
    Messages,

    /// <summary>Several prompts, or a form that only the engine understands.</summary>
    Other,
}
