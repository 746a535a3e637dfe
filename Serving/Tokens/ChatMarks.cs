using System.Runtime.CompilerServices;

namespace LlmdAspire.Serving.Tokens;

/// <summary>The tokens that stand around the messages of a conversation.</summary>
/// <remarks>
/// By the special tokens that the tokenizer has, in the manner of Llama 3 (<c>&lt;|start_header_id|&gt;role&lt;|end_header_id|&gt;\n\ncontent&lt;|eot_id|&gt;</c>), of
/// ChatML (<c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c>), or plain (<c>role: content\n\n</c>).
/// </remarks>
public sealed class ChatMarks
{
    private static readonly ConditionalWeakTable<ITokenizer, ChatMarks> s_marks = [];

    private ChatMarks(ITokenizer tokenizer)
    {
        if (Special(tokenizer, "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") is [var startHeader, var endHeader, var endOfTurn])
        {
            Begin = tokenizer.FindSpecial("<|begin_of_text|>") is { } begin ? [begin] : tokenizer.Before.ToArray();
            BeforeRole = [startHeader];
            BehindRole = [endHeader, .. Text(tokenizer, "\n\n")];
            BehindContent = [endOfTurn];
        }
        else if (Special(tokenizer, "<|im_start|>", "<|im_end|>") is [var start, var end])
        {
            BeforeRole = [start];
            BehindRole = Text(tokenizer, "\n");
            BehindContent = [end, .. Text(tokenizer, "\n")];
        }
        else
        {
            Begin = tokenizer.Before.ToArray();
            BehindRole = Text(tokenizer, ": ");
            BehindContent = Text(tokenizer, "\n\n");
        }
    }

    internal int[] Begin { get; } = [];

    internal int[] BeforeRole { get; } = [];

    internal int[] BehindRole { get; }

    internal int[] BehindContent { get; }

    /// <summary>The token with which a message ends.</summary>
    public int EndOfTurn => BehindContent[0];

    /// <summary>How many tokens stand behind a message's content.</summary>
    public int EndLength => BehindContent.Length;

    /// <summary>The marks for a tokenizer; found once for each.</summary>
    public static ChatMarks Of(ITokenizer tokenizer) => s_marks.GetValue(tokenizer, static one => new ChatMarks(one));

    private static int[]? Special(ITokenizer tokenizer, params ReadOnlySpan<string> names)
    {
        var ids = new List<int>();
        foreach (var name in names)
        {
            if (tokenizer.FindSpecial(name) is { } id)
            {
                ids.Add(id);
            }
        }

        return ids.Count == names.Length ? [.. ids] : null;
    }

    private static int[] Text(ITokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return [.. tokens];
    }
}
