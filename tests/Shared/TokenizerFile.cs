using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared;

/// <summary>Small tokenizer.json files: all bytes, a few merges, a few special tokens.</summary>
public static class TokenizerFile
{
    /// <summary>The pattern by which Llama 3 cuts words.</summary>
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Special tokens of Llama 3's chat.</summary>
    public static readonly string[] Llama3Tokens = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"];

    /// <summary>A file: ids 0 to 255 are the bytes in the alphabet's order, then what the merges make, then the special tokens.</summary>
    /// <param name="merges">As <c>"h e"</c>, in the byte-level alphabet.</param>
    /// <param name="special">Special tokens; a first one called <c>&lt;|begin_of_text|&gt;</c> begins prompts.</param>
    /// <param name="pattern">What cuts words; GPT-2's own way when absent.</param>
    public static JsonObject Make(IReadOnlyList<string> merges, IReadOnlyList<string>? special = null, string? pattern = Llama3Pattern)
    {
        var vocabulary = new JsonObject();
        foreach (var letter in Alphabet())
        {
            vocabulary[letter.ToString()] = vocabulary.Count;
        }

        foreach (var merge in merges)
        {
            _ = vocabulary.TryAdd(merge.Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        }

        var added = new JsonArray();
        foreach (var token in special ?? [])
        {
            added.Add(new JsonObject
            {
                ["id"] = vocabulary.Count + added.Count, ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
            });
        }

        var byteLevel = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = pattern is null };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = null,
            ["pre_tokenizer"] = pattern is null ? byteLevel : new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false }, byteLevel),
            },
            ["post_processor"] = special is ["<|begin_of_text|>", ..] ? Template(special[0], vocabulary.Count) : null,
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = true, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null, ["end_of_word_suffix"] = null, ["fuse_unk"] = false,
                ["byte_fallback"] = false, ["ignore_merges"] = false, ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    /// <summary>Writes a file into a folder of its own.</summary>
    public static string Write(JsonNode file)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("tokenizer").FullName, "tokenizer.json");
        File.WriteAllText(path, file.ToJsonString());
        return path;
    }

    private static JsonObject Template(string token, int id) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(
            new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = 0 } }, new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
        ["special_tokens"] = new JsonObject { [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) } },
    };

    // Written down once more instead of taken from the product: printable bytes as themselves, the others from U+0100 on.
    private static IEnumerable<char> Alphabet()
    {
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            yield return value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255) ? (char)value : (char)next++;
        }
    }
}
