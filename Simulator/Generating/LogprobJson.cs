using System.Globalization;
using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Log probabilities in the shapes of the three APIs.</summary>
internal sealed class LogprobJson(ITokenizer tokenizer, LogprobFields asked)
{
    private int Top => asked.Top == -1 ? tokenizer.VocabularySize : asked.Top ?? 0;

    /// <summary>Chat: an entry for each token, with its likeliest rivals.</summary>
    /// <param name="first">Position of the first token in the answer.</param>
    /// <param name="withBytes">Whether entries tell bytes; those of token ids have none.</param>
    public void WriteChat(Utf8JsonWriter json, ReadOnlySpan<int> tokens, int first, bool withBytes = true)
    {
        json.WriteStartObject();
        json.WriteStartArray("content");
        for (var i = 0; i < tokens.Length; i++)
        {
            json.WriteStartObject();
            WriteEntry(json, tokens[i], TokenProbabilities.Of(tokens[i], first + i), withBytes);
            json.WriteStartArray("top_logprobs");
            if (Top > 0)
            {
                foreach (var (token, logprob) in TokenProbabilities.Top(tokens[i], first + i, Top, tokenizer.VocabularySize))
                {
                    json.WriteStartObject();
                    WriteEntry(json, token, logprob, withBytes);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Completions: four lists, an element for each token; with <paramref name="prompt"/> the prompt's tokens come first, the very first of which nothing is known about.</summary>
    /// <param name="offset">Characters before the first token.</param>
    /// <returns>Characters after the last token.</returns>
    public int WriteCompletion(Utf8JsonWriter json, ReadOnlySpan<int> prompt, ReadOnlySpan<int> tokens, int first, int offset)
    {
        int[] all = [.. prompt, .. tokens];
        string[] texts = [.. all.Select(Text)];
        json.WriteStartObject();
        json.WriteStartArray("text_offset");
        foreach (var text in texts)
        {
            json.WriteNumberValue(offset);
            offset += text.Length;
        }

        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        for (var i = 0; i < all.Length; i++)
        {
            WriteNumberOrNull(json, i == 0 && prompt.Length > 0 ? null : TokenProbabilities.Of(all[i], PositionOf(i, prompt.Length, first)));
        }

        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        for (var i = 0; i < all.Length; i++)
        {
            if (i == 0 && prompt.Length > 0)
            {
                json.WriteNullValue();
                continue;
            }

            WriteTop(json, all[i], PositionOf(i, prompt.Length, first));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return offset;
    }

    /// <summary>Those of a prompt: nothing for its first token, then a dictionary by token id.</summary>
    public void WritePrompt(Utf8JsonWriter json, IReadOnlyList<int> prompt)
    {
        json.WritePropertyName("prompt_logprobs");
        if (asked.PromptTop is not { } top)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        json.WriteNullValue();
        var count = top == -1 ? tokenizer.VocabularySize : Math.Max(1, top);
        for (var i = 1; i < prompt.Count; i++)
        {
            json.WriteStartObject();
            var rank = 1;
            var seen = new HashSet<int>();
            foreach (var (token, logprob) in TokenProbabilities.Top(prompt[i], i, count, tokenizer.VocabularySize))
            {
                if (seen.Add(token))
                {
                    json.WriteStartObject(token.ToString(CultureInfo.InvariantCulture));
                    json.WriteNumber("logprob", logprob);
                    json.WriteNumber("rank", rank++);
                    json.WriteString("decoded_token", tokenizer.Decode([token]));
                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Prompt tokens count from 1, generated ones from their place in the answer.</summary>
    private static int PositionOf(int index, int prompt, int first) => index < prompt ? index : first + index - prompt;

    private void WriteTop(Utf8JsonWriter json, int token, int position)
    {
        json.WriteStartObject();
        // Tokens of the same text share a key, which the likeliest keeps.
        var seen = new HashSet<string>();
        foreach (var (other, logprob) in TokenProbabilities.Top(token, position, Math.Max(1, Top), tokenizer.VocabularySize))
        {
            if (Text(other) is var text && seen.Add(text))
            {
                json.WriteNumber(text, logprob);
            }
        }

        json.WriteEndObject();
    }

    private void WriteEntry(Utf8JsonWriter json, int token, double logprob, bool withBytes)
    {
        var text = Text(token);
        json.WriteString("token", text);
        json.WriteNumber("logprob", logprob);
        if (!withBytes)
        {
            json.WriteNull("bytes");
            return;
        }

        json.WriteStartArray("bytes");
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            json.WriteNumberValue(part);
        }

        json.WriteEndArray();
    }

    private static void WriteNumberOrNull(Utf8JsonWriter json, double? number)
    {
        if (number is { } value)
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private string Text(int token) =>
        asked.AsIds ? string.Create(CultureInfo.InvariantCulture, $"token_id:{token}") : tokenizer.Decode([token]);
}
