namespace LlmdAspire.Router.Disaggregation;

/// <summary>How one prefill attempt ended.</summary>
internal enum PrefillAnswerKind
{
    /// <summary>The prompt is computed.</summary>
    Computed,

    /// <summary>The engine refuses the request itself, with a 4xx.</summary>
    ClientsFault,

    /// <summary>The engine answered with a failure of its own, or with something that is no answer.</summary>
    Failed,

    /// <summary>No answer, or one that broke off.</summary>
    NoAnswer,
}

/// <summary>What a prefill engine answered.</summary>
internal sealed record PrefillAnswer(PrefillAnswerKind Result, int Status)
{
    /// <summary>Raw <c>kv_transfer_params</c>; null when there are none.</summary>
    public ReadOnlyMemory<byte>? Params { get; init; }

    /// <summary>The answer for the client, when the request is its fault.</summary>
    public byte[] Body { get; init; } = [];

    public string? ContentType { get; init; }

    public string? RetryAfter { get; init; }

    public string? Reason { get; init; }

    /// <summary>Not even a connection came about.</summary>
    public bool Unreachable { get; init; }
}
