using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;

namespace LlmdAspire.Simulator.Chat;

/// <summary>A whole chat answer with every key, as vLLM writes it.</summary>
internal static class ChatReply
{
    /// <param name="writeTransfer">Writes <c>kv_transfer_params</c>.</param>
    public static void Write(Utf8JsonWriter json, AnswerHead head, ServedEngine engine, Generation generation, GenerationFields asked, Action writeTransfer)
    {
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("object", "chat.completion");
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
        json.WriteStartArray("choices");
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            WriteChoice(json, i, engine, generation.Sequences[i], asked);
        }

        json.WriteEndArray();
        json.WriteNull("service_tier");
        json.WriteNull("system_fingerprint");
        RequestUsage.Of(engine, generation, asked).Write(json);
        json.WriteNull("prompt_logprobs");
        TokenIds.Write(json, "prompt_token_ids", asked.ReturnTokenIds ? generation.Sequences[0].Prompt : null);
        writeTransfer();
        json.WriteEndObject();
    }

    private static void WriteChoice(Utf8JsonWriter json, int index, ServedEngine engine, Sequence sequence, GenerationFields asked)
    {
        var progress = sequence.Read();
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", WholeText.Of(engine, sequence, echoPrompt: false));
        json.WriteNull("refusal");
        json.WriteNull("annotations");
        json.WriteNull("audio");
        json.WriteNull("function_call");
        json.WriteStartArray("tool_calls");
        json.WriteEndArray();
        json.WriteNull("reasoning");
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", FinishText.Of(progress.Finish));
        FinishText.WriteStopReason(json, sequence);
        TokenIds.Write(json, "token_ids", asked.ReturnTokenIds ? progress.Tokens.ToArray() : null);
        json.WriteEndObject();
    }
}
