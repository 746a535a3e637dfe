using System.Text;
using System.Text.Json;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c> of byte-level BPE models: GPT-2, Llama 3, Qwen and their relatives.</summary>
/// <remarks>What it does not know it refuses by name: a part left out in silence would give almost the right tokens. <c>truncation</c> and <c>padding</c> are for training and not looked at.</remarks>
internal static class TokenizerJson
{
    private const long MaxFileBytes = 256L << 20;
    private const int MaxId = 1 << 22;

    /// <exception cref="TokenizerFileException">The file is away, is no such file, or holds what is not known here.</exception>
    public static BytePairTokenizer Load(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaxFileBytes }
                ? Parse(File.ReadAllBytes(path))
                : throw new TokenizerFileException(File.Exists(path) ? $"it is larger than {MaxFileBytes >> 20} MiB" : "there is no such file; give builtin, or the path of a tokenizer.json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TokenizerFileException(OneLine(e.Message).TrimEnd('.'), path);
        }
        catch (TokenizerFileException e)
        {
            throw new TokenizerFileException(e.Reason, path);
        }
    }

    /// <exception cref="TokenizerFileException">See <see cref="Load"/>.</exception>
    internal static BytePairTokenizer Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new BytePairTokenizer(Read(document.RootElement));
        }
        catch (JsonException e)
        {
            throw new TokenizerFileException($"it is not valid JSON: {OneLine(e.Message).TrimEnd('.')}");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // A number where a text should be, a text that is no Unicode.
            throw new TokenizerFileException("a value in it has another type than tokenizer.json files have there");
        }
    }

    private static BytePairParts Read(JsonElement root)
    {
        var model = Part(root, "model") ?? throw new TokenizerFileException("it has no model");
        CheckModel(model);
        var added = ReadAdded(root);
        var (before, after) = PostProcessing.Read(Part(root, "post_processor"), added);
        CheckDecoder(Part(root, "decoder"));
        var vocabulary = ReadVocabulary(model, added);
        return new BytePairParts
        {
            Vocabulary = vocabulary,
            Merges = ReadMerges(model, vocabulary),
            ByteTokens = ByteTokens(vocabulary),
            TakesWholeWords = Part(model, "ignore_merges")?.GetBoolean() ?? false,
            Normalizes = Normalizes(Part(root, "normalizer")),
            Splitters = PreTokenization.Read(Part(root, "pre_tokenizer")),
            Added = added,
            Before = before,
            After = after,
        };
    }

    private static void CheckModel(JsonElement model)
    {
        if (TypeOf(model) is { } type and not "BPE")
        {
            throw new TokenizerFileException($"model.type is {type}; only BPE is known");
        }

        foreach (var name in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (Part(model, name)?.GetString() is { Length: > 0 } affix)
            {
                throw new TokenizerFileException($"model.{name} is '{affix}'; byte-level models have none");
            }
        }

        if (Part(model, "byte_fallback")?.GetBoolean() == true)
        {
            throw new TokenizerFileException("model.byte_fallback is true; that is a SentencePiece model, and only byte-level ones are known");
        }

        if (Part(model, "dropout") is { } dropout && dropout.GetDouble() != 0)
        {
            throw new TokenizerFileException("model.dropout is not 0; tokens would be left to chance");
        }
    }

    private static void CheckDecoder(JsonElement? decoder)
    {
        foreach (var step in Steps(decoder, "decoders"))
        {
            if (TypeOf(step) is not "ByteLevel" and var type)
            {
                throw new TokenizerFileException($"decoder {type} is not known; only ByteLevel is");
            }
        }
    }

    private static bool Normalizes(JsonElement? normalizer)
    {
        var any = false;
        foreach (var step in Steps(normalizer, "normalizers"))
        {
            any |= TypeOf(step) is "NFC" ? true : throw new TokenizerFileException($"normalizer {TypeOf(step)} is not known; only NFC is");
        }

        return any;
    }

    private static List<AddedToken> ReadAdded(JsonElement root)
    {
        var added = new List<AddedToken>();
        foreach (var token in Items(root, "added_tokens"))
        {
            var text = Part(token, "content")?.GetString() is { Length: > 0 } content ? content : throw new TokenizerFileException("an added token has no content");
            foreach (var way in new[] { "single_word", "lstrip", "rstrip" })
            {
                if (Part(token, way)?.GetBoolean() == true)
                {
                    throw new TokenizerFileException($"added token '{text}' has {way}, which is not known");
                }
            }

            if (!added.Exists(other => other.Text == text))
            {
                added.Add(new AddedToken(text, IdOf(Part(token, "id"), text), Part(token, "special")?.GetBoolean() ?? false, Part(token, "normalized")?.GetBoolean() ?? false));
            }
        }

        return added;
    }

    private static Vocabulary ReadVocabulary(JsonElement model, List<AddedToken> added)
    {
        if (Part(model, "vocab") is not { ValueKind: JsonValueKind.Object } vocab)
        {
            throw new TokenizerFileException("model.vocab is no object of tokens and ids");
        }

        var tokens = new List<byte[]?>();
        var marks = added.ToDictionary(token => token.Text, token => token.Id);
        foreach (var entry in vocab.EnumerateObject())
        {
            var id = IdOf(entry.Value, entry.Name);
            // Some files list their added tokens here too, as they are and not spelled in the byte-level alphabet.
            if (!marks.TryGetValue(entry.Name, out var own) || own != id)
            {
                Set(tokens, id, ByteLevelAlphabet.Read(entry.Name)
                    ?? throw new TokenizerFileException($"token '{entry.Name}' has letters that byte-level vocabularies do not have"));
            }
        }

        foreach (var token in added)
        {
            Set(tokens, token.Id, Encoding.UTF8.GetBytes(token.Text));
        }

        return new Vocabulary(tokens);
    }

    private static void Set(List<byte[]?> tokens, int id, byte[] bytes)
    {
        while (tokens.Count <= id)
        {
            tokens.Add(null);
        }

        if (tokens[id] is { } other && !other.AsSpan().SequenceEqual(bytes))
        {
            throw new TokenizerFileException($"id {id} is given twice, to '{Encoding.UTF8.GetString(other)}' and '{Encoding.UTF8.GetString(bytes)}'");
        }

        tokens[id] = bytes;
    }

    private static int[] ByteTokens(Vocabulary vocabulary)
    {
        var tokens = new int[256];
        for (var value = 0; value < 256; value++)
        {
            tokens[value] = vocabulary.Find([(byte)value]) is >= 0 and var id
                ? id
                : throw new TokenizerFileException($"the vocabulary has no token for byte {value}; that is no byte-level vocabulary");
        }

        return tokens;
    }

    private static MergeTable ReadMerges(JsonElement model, Vocabulary vocabulary)
    {
        if (Part(model, "merges") is not { ValueKind: JsonValueKind.Array } merges)
        {
            throw new TokenizerFileException("model.merges is no list");
        }

        var table = new MergeTable(merges.GetArrayLength());
        var rank = 0;
        foreach (var merge in merges.EnumerateArray())
        {
            var (left, right) = ReadPair(merge, rank);
            table.Add(IdOf(vocabulary, left, rank), IdOf(vocabulary, right, rank), rank, IdOf(vocabulary, left + right, rank));
            rank++;
        }

        return table;
    }

    // "a b" in older files, ["a","b"] in newer ones; byte-level tokens hold no blank.
    private static (string Left, string Right) ReadPair(JsonElement merge, int rank)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2)
        {
            return (merge[0].GetString() ?? "", merge[1].GetString() ?? "");
        }

        var text = merge.ValueKind == JsonValueKind.String ? merge.GetString()! : "";
        return text.IndexOf(' ') is > 0 and var blank
            ? (text[..blank], text[(blank + 1)..])
            : throw new TokenizerFileException($"merge {rank} is no pair of tokens");
    }

    private static int IdOf(Vocabulary vocabulary, string token, int rank) =>
        ByteLevelAlphabet.Read(token) is { } bytes && vocabulary.Find(bytes) is >= 0 and var id
            ? id
            : throw new TokenizerFileException($"merge {rank} names '{token}', which is not in the vocabulary");

    private static int IdOf(JsonElement? id, string token) =>
        id is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) && value is >= 0 and < MaxId
            ? value
            : throw new TokenizerFileException($"the id of '{token}' is no number from 0 to {MaxId - 1}");

    /// <summary>A member that is there and not null.</summary>
    internal static JsonElement? Part(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var part) && part.ValueKind != JsonValueKind.Null ? part : null;

    /// <summary>The items of a list that may be absent.</summary>
    internal static IEnumerable<JsonElement> Items(JsonElement owner, string name) => Part(owner, name) is { } list ? list.EnumerateArray() : [];

    internal static string? TypeOf(JsonElement part) => Part(part, "type")?.GetString();

    /// <summary>The steps of a part: those of a sequence, itself, or none.</summary>
    internal static IEnumerable<JsonElement> Steps(JsonElement? part, string listName)
    {
        if (part is not { } given)
        {
            yield break;
        }

        if (TypeOf(given) is not "Sequence")
        {
            yield return given;
            yield break;
        }

        foreach (var inner in Items(given, listName))
        {
            foreach (var step in Steps(inner, listName))
            {
                yield return step;
            }
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
