using System.Buffers;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.KvIndex;

/// <summary>Who holds how much of this prompt?</summary>
/// <param name="Prompt">The raw JSON of prompt or messages.</param>
/// <param name="TemplateMembers">The raw JSON members besides the messages that decide what a chat template renders, such as <c>"tools":[...]</c>.</param>
public readonly record struct ScoreQuestion(
    string? Model, PromptKind PromptKind, ReadOnlySequence<byte> Prompt, string? CacheSalt, IReadOnlyList<ReadOnlySequence<byte>> TemplateMembers)
{
    /// <summary>Whether the index can count the prompt's tokens.</summary>
    public bool CanBeAsked => Member is not null;

    private string? Member => PromptKind switch
    {
        PromptKind.TokenIds => "token_ids",
        PromptKind.Text => "prompt",
        PromptKind.Messages => "messages",
        _ => null,
    };

    /// <summary>The body of <c>POST /v1/score</c>, of a question that can be asked.</summary>
    /// <remarks>The prompt is copied: an answer that comes too late is still awaited, when the request's own buffer is gone.</remarks>
    public ReadOnlyMemory<byte> ToBody()
    {
        var output = new ArrayBufferWriter<byte>((int)Prompt.Length + 256);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("model", Model ?? "");
        json.WritePropertyName(Member!);
        json.WriteRawValue(Prompt, skipInputValidation: true);
        if (CacheSalt is not null)
        {
            json.WriteString("cache_salt", CacheSalt);
        }

        json.Flush();
        foreach (var templateMember in TemplateMembers)
        {
            output.Write(","u8);
            foreach (var piece in templateMember)
            {
                output.Write(piece.Span);
            }
        }

        output.Write("}"u8);
        return output.WrittenMemory;
    }
}
