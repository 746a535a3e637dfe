using System.Buffers;
using System.Text.Json;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.Indexer;

/// <summary>The body of <c>POST /v1/score</c>.</summary>
internal static class ScoreRequest
{
    /// <summary>The body, or null for a prompt whose tokens the index cannot count.</summary>
    public static byte[]? Write(InferenceRequest request)
    {
        var member = request.PromptKind switch
        {
            PromptKind.TokenIds => "token_ids",
            PromptKind.Text => "prompt",
            PromptKind.Messages => "messages",
            _ => null,
        };
        if (member is null)
        {
            return null;
        }

        // The prompt is copied: an answer that comes too late is still awaited, when the request's own buffer is gone.
        var output = new ArrayBufferWriter<byte>(request.Prompt.Length + 256);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("model", request.Model);
        json.WritePropertyName(member);
        json.WriteRawValue(request.Prompt.Span, skipInputValidation: true);
        if (request.CacheSalt is not null)
        {
            json.WriteString("cache_salt", request.CacheSalt);
        }

        json.Flush();
        foreach (var templateMember in request.TemplateMembers)
        {
            output.Write(","u8);
            output.Write(templateMember.Span);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}
