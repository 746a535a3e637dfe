using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Completions;

/// <summary>Reads <c>prompt</c>: a text, a list of texts, a list of token ids, or a list of such lists.</summary>
internal static class PromptField
{
    /// <summary>The tokens of each prompt, or null with the mistake left in <paramref name="fields"/>.</summary>
    /// <param name="field">Name of the field, which other APIs call otherwise.</param>
    public static List<List<int>>? Read(JsonFields fields, ITokenizer tokenizer, out OpenAiError? error, string field = "prompt")
    {
        error = null;
        if (fields.Element(field) is not { } prompt)
        {
            error = field == "prompt" ? OpenAiError.BadRequest("Either prompt or prompt_embeds must be provided and non-empty.", field)
                : JsonFields.Invalid(field, "missing", "Field required");
            return null;
        }

        var addSpecial = fields.Switch("add_special_tokens", absent: true);
        var prompts = new List<List<int>>();
        var right = prompt.ValueKind switch
        {
            JsonValueKind.String => AddText(prompt, tokenizer, addSpecial, prompts),
            JsonValueKind.Array => AddList(prompt, tokenizer, addSpecial, prompts),
            _ => false,
        };
        if (!right)
        {
            error = JsonFields.Invalid(field, "string_type", "Input should be a valid string, list of strings, list of integers or list of lists of integers");
            return null;
        }

        if (prompts.Count == 0 || prompts.Exists(tokens => tokens.Count == 0))
        {
            error = OpenAiError.BadRequest("The prompt must hold at least one token.", field);
            return null;
        }

        foreach (var token in prompts.SelectMany(tokens => tokens))
        {
            if (token < 0 || token >= tokenizer.VocabularySize)
            {
                error = OpenAiError.BadRequest($"Token id {token} is out of vocabulary; ids run from 0 to {tokenizer.VocabularySize - 1}.", field);
                return null;
            }
        }

        return prompts;
    }

    private static bool AddList(JsonElement list, ITokenizer tokenizer, bool addSpecial, List<List<int>> prompts)
    {
        if (list.GetArrayLength() == 0)
        {
            return true;
        }

        if (list[0].ValueKind == JsonValueKind.Number)
        {
            return AddIds(list, prompts);
        }

        foreach (var item in list.EnumerateArray())
        {
            var right = item.ValueKind switch
            {
                JsonValueKind.String => AddText(item, tokenizer, addSpecial, prompts),
                JsonValueKind.Array => AddIds(item, prompts),
                _ => false,
            };
            if (!right)
            {
                return false;
            }
        }

        return true;
    }

    private static bool AddText(JsonElement value, ITokenizer tokenizer, bool addSpecial, List<List<int>> prompts)
    {
        if (!JsonFields.TryText(value, out var text))
        {
            return false;
        }

        var tokens = new List<int>();
        tokenizer.EncodePrompt(Encoding.UTF8.GetBytes(text), addSpecial, tokens);
        prompts.Add(tokens);
        return true;
    }

    private static bool AddIds(JsonElement list, List<List<int>> prompts)
    {
        var tokens = new List<int>();
        prompts.Add(tokens);
        return JsonFields.TryIds(list, tokens);
    }
}
