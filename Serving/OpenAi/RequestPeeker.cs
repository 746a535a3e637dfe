using System.Buffers;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Reads a <see cref="RequestPeek"/> from a body in one pass.</summary>
/// <remarks>
/// Pure; allocates only the few strings it returns. Checks that the body is one JSON object and that the members it uses have the right type;
/// everything else is the engine's business.
/// </remarks>
public static class RequestPeeker
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 256 };

    /// <summary>Peeks at a body.</summary>
    /// <param name="body">The whole body; need not be one segment.</param>
    /// <param name="error">What to answer the client when the result is false: where the JSON is wrong, or which member is.</param>
    public static bool TryPeek(ReadOnlySequence<byte> body, out RequestPeek peek, out OpenAiError? error)
    {
        peek = default;
        try
        {
            var reader = new Utf8JsonReader(body, s_options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                // Read on, so that a body that is no JSON at all is called that.
                reader.Skip();
                error = OpenAiError.BadRequest("The request body must be a JSON object, for example {\"model\": \"...\", \"prompt\": \"...\"}.");
                return false;
            }

            var members = new BodyMembers();
            error = members.ReadAll(ref reader);
            peek = members.ToPeek();
            return error is null;
        }
        catch (JsonException wrong)
        {
            error = OpenAiError.BadRequest(Describe(body, wrong));
            return false;
        }
        catch (InvalidOperationException)
        {
            // A string that is no Unicode text, such as a lone surrogate escape, fails only when it is read out.
            error = OpenAiError.BadRequest("The request body is not valid JSON: a string in it is not valid Unicode.");
            return false;
        }
    }

    private static string Describe(ReadOnlySequence<byte> body, JsonException wrong)
    {
        if (body.IsEmpty)
        {
            return "The request body is empty; a JSON object is expected.";
        }

        var reason = wrong.Message;
        var position = reason.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (position >= 0)
        {
            reason = reason[..position];
        }

        return $"The request body is not valid JSON at line {(wrong.LineNumber ?? 0) + 1}, byte {(wrong.BytePositionInLine ?? 0) + 1}: {reason}";
    }
}
