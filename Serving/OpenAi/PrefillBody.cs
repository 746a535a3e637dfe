using System.Buffers;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Turns a client's body into the body of a prefill leg: one token, no stream, and the wish that the KV blocks be kept.</summary>
/// <remarks>
/// Pure. Every byte that need not change stays. The body must have been peeked at, so it is known to be one JSON object. vLLM's fields:
/// <c>max_tokens</c>, <c>max_completion_tokens</c> (only where the client sent it), <c>min_tokens</c>, <c>stream</c>, <c>stream_options</c>;
/// <c>max_output_tokens</c> of the Responses API; <c>sampling_params</c> of the token API.
/// </remarks>
public static class PrefillBody
{
    private const string Wish =
        "\"kv_transfer_params\":{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}";

    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 256 };

    /// <summary>Finds what has to change.</summary>
    /// <param name="path">The client's path: where the number of tokens stands depends on it.</param>
    /// <returns>
    /// Null when one engine must do it all: several answers to one prompt would fetch the same blocks, and log-probabilities of the prompt are known
    /// only to the engine that computes it.
    /// </returns>
    public static IReadOnlyList<JsonEdit>? EditsFor(ReadOnlySequence<byte> body, string path)
    {
        var limit = path switch
        {
            "/v1/responses" => "max_output_tokens",
            "/inference/v1/generate" => "sampling_params",
            _ => "max_tokens",
        };
        var reader = new Utf8JsonReader(body, s_options);
        _ = reader.Read();
        var editor = new BodyEditor(reader.TokenStartIndex);
        var (sawLimit, sawStream) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = reader.TokenStartIndex;
            if (reader.ValueTextEquals(limit))
            {
                sawLimit = true;
                ReadLimit(ref reader, ref editor, nameStart, limit);
            }
            else if (reader.ValueTextEquals("stream"u8))
            {
                sawStream = true;
                Set(ref reader, ref editor, nameStart, "false"u8);
            }
            else if (reader.ValueTextEquals("stream_options"u8) || reader.ValueTextEquals("kv_transfer_params"u8))
            {
                SkipValue(ref reader);
                editor.Remove(nameStart, reader.BytesConsumed);
            }
            else if (reader.ValueTextEquals("max_completion_tokens"u8))
            {
                Set(ref reader, ref editor, nameStart, "1"u8);
            }
            else if (reader.ValueTextEquals("min_tokens"u8))
            {
                LowerToOne(ref reader, ref editor, nameStart);
            }
            else
            {
                var most = MostThatTwoEnginesCanDo(ref reader);
                Set(ref reader, ref editor, nameStart, default);
                if (most is { } limitOfTwo && AsksForMore(reader, limitOfTwo))
                {
                    return null;
                }
            }
        }

        editor.Append(reader.TokenStartIndex, Missing(limit, sawLimit, sawStream));
        return editor.Edits;
    }

    private static string Missing(string limit, bool sawLimit, bool sawStream)
    {
        var tokens = limit == "sampling_params" ? "\"sampling_params\":{\"max_tokens\":1}," : $"\"{limit}\":1,";
        return (sawLimit ? "" : tokens) + (sawStream ? "" : "\"stream\":false,") + Wish;
    }

    private static void ReadLimit(ref Utf8JsonReader reader, ref BodyEditor editor, long nameStart, string limit)
    {
        if (limit != "sampling_params")
        {
            Set(ref reader, ref editor, nameStart, "1"u8);
            return;
        }

        _ = reader.Read();
        var valueStart = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            editor.Keep(nameStart, valueStart, reader.BytesConsumed, """{"max_tokens":1}"""u8);
            return;
        }

        var inner = new BodyEditor(valueStart);
        var sawTokens = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var innerStart = reader.TokenStartIndex;
            if (reader.ValueTextEquals("max_tokens"u8))
            {
                sawTokens = true;
                Set(ref reader, ref inner, innerStart, "1"u8);
            }
            else if (reader.ValueTextEquals("min_tokens"u8))
            {
                LowerToOne(ref reader, ref inner, innerStart);
            }
            else
            {
                Set(ref reader, ref inner, innerStart, default);
            }
        }

        inner.Append(reader.TokenStartIndex, sawTokens ? "" : "\"max_tokens\":1");
        editor.Keep(nameStart, valueStart, reader.BytesConsumed);
        editor.Edits.AddRange(inner.Edits);
    }

    private static double? MostThatTwoEnginesCanDo(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("n"u8) || reader.ValueTextEquals("best_of"u8))
        {
            return 1;
        }

        // 0 log-probabilities of the prompt are still those of its own tokens.
        return reader.ValueTextEquals("prompt_logprobs"u8) || reader.ValueTextEquals("echo"u8) ? -1 : null;
    }

    private static bool AsksForMore(in Utf8JsonReader reader, double most) => reader.TokenType switch
    {
        JsonTokenType.False or JsonTokenType.Null => false,
        JsonTokenType.Number => !reader.TryGetDouble(out var value) || value > most,
        _ => true,
    };

    // A least number above the limit would be refused.
    private static void LowerToOne(ref Utf8JsonReader reader, ref BodyEditor editor, long nameStart)
    {
        _ = reader.Read();
        var isMore = reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && value > 1;
        var valueStart = reader.TokenStartIndex;
        reader.Skip();
        editor.Keep(nameStart, valueStart, reader.BytesConsumed, isMore ? "1"u8 : default);
    }

    private static void Set(ref Utf8JsonReader reader, ref BodyEditor editor, long nameStart, ReadOnlySpan<byte> value)
    {
        _ = reader.Read();
        var valueStart = reader.TokenStartIndex;
        reader.Skip();
        editor.Keep(nameStart, valueStart, reader.BytesConsumed, value);
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        reader.Skip();
    }
}
