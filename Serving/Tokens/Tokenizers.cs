using LlmdAspire.Serving.Tokens.Bpe;

namespace LlmdAspire.Serving.Tokens;

/// <summary>Tokenizers by the value of a <c>--tokenizer</c> flag: <c>builtin</c>, or the path of a Hugging Face <c>tokenizer.json</c>.</summary>
public static class Tokenizers
{
    public const string Builtin = "builtin";

    /// <summary>Loads a tokenizer. Reading a file takes a good part of a second and some tens of MiB: do it once and share the result.</summary>
    /// <exception cref="TokenizerFileException">The file is away, or holds what is not known here; the message is one line.</exception>
    public static ITokenizer Load(string value) => value == Builtin ? BuiltinTokenizer.Instance : TokenizerJson.Load(value);

    /// <summary>Loads a tokenizer for the value of a flag.</summary>
    /// <returns>Null, or what is wrong with the value, to stand behind "it" in a message.</returns>
    public static string? TryLoad(string value, out ITokenizer? tokenizer)
    {
        try
        {
            tokenizer = Load(value);
            return null;
        }
        catch (TokenizerFileException e)
        {
            tokenizer = null;
            return $"cannot be used: {e.Reason}";
        }
    }
}
