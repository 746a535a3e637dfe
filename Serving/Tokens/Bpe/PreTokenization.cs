using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Reads <c>pre_tokenizer</c>: a pattern to cut at, or several in turn, and the byte-level alphabet at the end.</summary>
internal static class PreTokenization
{
    /// <exception cref="TokenizerFileException">It holds what is not known here.</exception>
    public static IReadOnlyList<ISplitter> Read(JsonElement? part)
    {
        var splitters = new List<ISplitter>();
        var isByteLevel = false;
        foreach (var step in TokenizerJson.Steps(part, "pretokenizers"))
        {
            var type = TokenizerJson.TypeOf(step);
            if (isByteLevel)
            {
                throw new TokenizerFileException($"pre_tokenizer {type} comes after ByteLevel, which has to be the last");
            }

            switch (type)
            {
                case "Split":
                    splitters.Add(ReadSplit(step));
                    break;
                case "ByteLevel":
                    isByteLevel = true;
                    AddByteLevel(step, splitters);
                    break;
                default:
                    throw new TokenizerFileException($"pre_tokenizer {type} is not known; Split and ByteLevel are");
            }
        }

        return isByteLevel ? splitters : throw new TokenizerFileException("pre_tokenizer has no ByteLevel; only byte-level models are known");
    }

    private static void AddByteLevel(JsonElement step, List<ISplitter> splitters)
    {
        if (TokenizerJson.Part(step, "add_prefix_space")?.GetBoolean() == true)
        {
            throw new TokenizerFileException("pre_tokenizer ByteLevel has add_prefix_space, which is not known");
        }

        if (TokenizerJson.Part(step, "use_regex")?.GetBoolean() ?? true)
        {
            splitters.Add(WordSplitter.For(WordSplitter.Gpt2Pattern)!);
        }
    }

    private static ISplitter ReadSplit(JsonElement step)
    {
        if (TokenizerJson.Part(step, "behavior")?.GetString() is not "Isolated" and var behavior)
        {
            throw new TokenizerFileException($"pre_tokenizer Split has behavior {behavior}; only Isolated is known");
        }

        if (TokenizerJson.Part(step, "invert")?.GetBoolean() == true)
        {
            throw new TokenizerFileException("pre_tokenizer Split has invert, which is not known");
        }

        var pattern = TokenizerJson.Part(step, "pattern") ?? throw new TokenizerFileException("pre_tokenizer Split has no pattern");
        var text = TokenizerJson.Part(pattern, "Regex")?.GetString() ?? (TokenizerJson.Part(pattern, "String")?.GetString() is { } plain ? Regex.Escape(plain) : null)
            ?? throw new TokenizerFileException("pre_tokenizer Split has a pattern that is neither Regex nor String");
        try
        {
            return WordSplitter.For(text) ?? (ISplitter)new RegexSplitter(text);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerFileException($"the pattern of pre_tokenizer Split is not known: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}");
        }
    }
}
