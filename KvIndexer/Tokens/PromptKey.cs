using System.Text;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>128-bit name of a prompt in the token cache: model, what else the tokenizer is told, and the text so far. A copy goes on from where it was made.</summary>
internal struct PromptKey
{
    private XxHash64 _high = XxHash64.Begin(0);
    private XxHash64 _low = XxHash64.Begin(1);

    /// <param name="kind">Keeps a text and a conversation of the same bytes apart.</param>
    public PromptKey(ScoreRequest request, ulong kind)
    {
        Append(kind);
        AppendPart(Encoding.UTF8.GetBytes(request.Model));
        foreach (var passed in request.Passed)
        {
            AppendPart(passed.Span);
        }

        Append(ulong.MaxValue);
    }

    public readonly UInt128 Current => new(_high.Current, _low.Current);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _high.Append(bytes);
        _low.Append(bytes);
    }

    /// <summary>Adds bytes with their length, so that parts cannot be told from others that join to the same bytes.</summary>
    public void AppendPart(ReadOnlySpan<byte> bytes)
    {
        Append((ulong)bytes.Length);
        Append(bytes);
    }

    private void Append(ulong value)
    {
        _high.Append(value);
        _low.Append(value);
    }
}
