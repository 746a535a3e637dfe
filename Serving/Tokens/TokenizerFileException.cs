namespace LlmdAspire.Serving.Tokens;

/// <summary>A tokenizer file that cannot be used.</summary>
/// <param name="reason">What is wrong with it, by name; one line without a full stop.</param>
/// <param name="path">The file, once it is known.</param>
public sealed class TokenizerFileException(string reason, string? path = null)
    : Exception(path is null ? reason : $"The tokenizer file {path} cannot be used: {reason}.")
{
    public string Reason => reason;
}
