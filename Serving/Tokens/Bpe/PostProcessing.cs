using System.Text.Json;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Reads <c>post_processor</c>: the special tokens that begin and end a prompt.</summary>
internal static class PostProcessing
{
    /// <exception cref="TokenizerFileException">It holds what is not known here.</exception>
    public static (IReadOnlyList<int> Before, IReadOnlyList<int> After) Read(JsonElement? part, IReadOnlyList<AddedToken> added)
    {
        var (before, after) = (new List<int>(), new List<int>());
        foreach (var step in TokenizerJson.Steps(part, "processors"))
        {
            switch (TokenizerJson.TypeOf(step))
            {
                case "ByteLevel":
                    // It moves offsets only.
                    break;
                case "TemplateProcessing":
                    ReadTemplate(step, added, before, after);
                    break;
                case var type:
                    throw new TokenizerFileException($"post_processor {type} is not known; ByteLevel and TemplateProcessing are");
            }
        }

        return (before, after);
    }

    // "single": [{"SpecialToken":{"id":"<|begin_of_text|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]
    private static void ReadTemplate(JsonElement step, IReadOnlyList<AddedToken> added, List<int> before, List<int> after)
    {
        var isBehind = false;
        foreach (var piece in TokenizerJson.Items(step, "single"))
        {
            if (TokenizerJson.Part(piece, "Sequence") is not null)
            {
                isBehind = !isBehind ? true : throw new TokenizerFileException("post_processor TemplateProcessing has the text twice");
            }
            else if (TokenizerJson.Part(piece, "SpecialToken") is { } special && TokenizerJson.Part(special, "id")?.GetString() is { } name)
            {
                (isBehind ? after : before).AddRange(IdsOf(step, name, added));
            }
            else
            {
                throw new TokenizerFileException("post_processor TemplateProcessing has a piece that is neither Sequence nor SpecialToken");
            }
        }

        if (!isBehind)
        {
            throw new TokenizerFileException("post_processor TemplateProcessing has no place for the text");
        }
    }

    private static IEnumerable<int> IdsOf(JsonElement step, string name, IReadOnlyList<AddedToken> added)
    {
        if (TokenizerJson.Part(step, "special_tokens") is { } tokens && TokenizerJson.Part(tokens, name) is { } token && TokenizerJson.Part(token, "ids") is { } ids)
        {
            return [.. ids.EnumerateArray().Select(id => id.GetInt32()).Select(id => added.Any(known => known.Id == id)
                ? id
                : throw new TokenizerFileException($"post_processor names id {id} for '{name}', which is no added token"))];
        }

        throw new TokenizerFileException($"post_processor TemplateProcessing names '{name}' and does not tell its id");
    }
}
