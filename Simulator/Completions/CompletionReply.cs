using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;

namespace LlmdAspire.Simulator.Completions;

/// <summary>A whole completion with every key, as vLLM writes it.</summary>
internal static class CompletionReply
{
    /// <param name="writeTransfer">Writes <c>kv_transfer_params</c>.</param>
    public static void Write(Utf8JsonWriter json, AnswerHead head, ServedEngine engine, Generation generation, GenerationFields asked, bool echo, Action writeTransfer)
    {
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
        json.WriteStartArray("choices");
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            WriteChoice(json, i, engine, generation.Sequences[i], asked, echo);
        }

        json.WriteEndArray();
        json.WriteNull("service_tier");
        json.WriteNull("system_fingerprint");
        RequestUsage.Of(engine, generation, asked).Write(json);
        writeTransfer();
        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, int index, ServedEngine engine, Sequence sequence, GenerationFields asked, bool echo)
    {
        var progress = sequence.Read();
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", WholeText.Of(engine, sequence, echo));
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", FinishText.Of(progress.Finish));
        FinishText.WriteStopReason(json, sequence);
        TokenIds.Write(json, "token_ids", asked.ReturnTokenIds ? progress.Tokens.ToArray() : null);
        json.WriteNull("prompt_logprobs");
        TokenIds.Write(json, "prompt_token_ids", asked.ReturnTokenIds ? sequence.Prompt : null);
        json.WriteEndObject();
    }
}
