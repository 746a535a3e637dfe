using System.Text;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>Prompts and the bodies that carry them. A token is taken as four bytes of text.</summary>
internal static class Prompts
{
    public const int BytesPerToken = 4;

    /// <summary>Words of random letters: what is hashed does not matter, that two prompts differ from their first word does.</summary>
    public static string Text(int bytes, int seed)
    {
        var random = new Random(seed);
        return string.Create(bytes, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = i % 6 == 5 ? ' ' : (char)('a' + random.Next(26));
            }
        });
    }

    public static byte[] CompletionBody(string prompt) =>
        Encoding.UTF8.GetBytes($$"""{"model":"model","prompt":"{{prompt}}","max_tokens":64,"stream":true}""");

    public static InferenceRequest Request(string prompt) => new()
    {
        RequestId = "request",
        Model = "model",
        PromptKind = PromptKind.Text,
        Prompt = Encoding.UTF8.GetBytes($"\"{prompt}\""),
    };
}
