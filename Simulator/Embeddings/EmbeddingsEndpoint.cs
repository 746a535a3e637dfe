using System.Runtime.InteropServices;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.Completions;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Embeddings;

/// <summary><c>POST /v1/embeddings</c>: vectors for texts, token ids or a conversation. The engine prefills each, so it takes the time and the cache that a prompt takes.</summary>
internal static class EmbeddingsEndpoint
{
    private const int MostInputs = 2048;
    private const int MostNumbers = 16 << 20;
    private const int MostDimensions = 65536;

    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var asked = GenerationFields.Read(fields);
        var base64 = fields.Text("encoding_format");
        var dimensions = fields.Whole("dimensions") ?? engine.Face.EmbeddingDimensions;
        var error = ReturnError.Of(context) ?? asked.FindMistake(fields, leastMaxTokens: 0) ?? RequestChecks.UnknownModel(engine, asked.Model)
            ?? RankPlace.FindMistake(context, engine) ?? FindMistake(base64, dimensions);
        var failure = error is null ? engine.Failures.Draw() : null;
        error ??= failure?.Error;
        var prompts = error is null ? Prompts(fields, engine, out error) : null;
        error ??= prompts!.Count > MostInputs || prompts.Count * dimensions > MostNumbers
            ? OpenAiError.BadRequest($"A request may hold at most {MostInputs} inputs and ask for at most {MostNumbers} numbers in all.", "input") : null;
        var task = new ModelTask { Fields = asked, Prompts = prompts ?? [], Echoed = [] };
        error ??= PromptCut.FindMistake(asked, engine.Options.MaxModelLength);
        task = error is null ? PromptCut.Apply(task, engine.Options.MaxModelLength) : task;
        error ??= task.Prompts.Select(prompt => ContextLimit.Check(engine.Options.MaxModelLength, prompt.Count, asked: 0)).FirstOrDefault(found => found is not null);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await ServeAsync(context, engine, task, (int)dimensions, base64 == "base64", failure);
    }

    private static async Task ServeAsync(HttpContext context, ServedEngine engine, ModelTask task, int dimensions, bool base64, FailureKind? failure)
    {
        var rank = RankPlace.Of(context, engine).Rank;
        var adapter = engine.Face.Loras.Find(task.Fields.Model);
        SequenceRequest[] sequences = [.. task.Prompts.Select(prompt => new SequenceRequest
        {
            Prompt = prompt,
            Source = new EchoSource(prompt),
            MaxTokens = 0,
            LoraName = adapter?.Name,
            CacheSalt = task.Fields.CacheSalt,
        })];
        if (rank.Submit(sequences, RequestArrival.Of(context), engine.Face.MostWaiting) is not { } generation)
        {
            await GenerationServing.RefuseAsync(context);
            return;
        }

        engine.Face.Pod.Write(context);
        await GenerationRun.RunAsync(context, rank.Engine, generation, sequences, async () =>
        {
            // There are no tokens to come out before.
            await GenerationRun.FinishAsync(context, generation, failure is null ? null : new Mishap(failure.Effect, AfterTokens: 0));
            context.RequestAborted.ThrowIfCancellationRequested();
            await JsonReply.WriteAsync(context, json => Write(json, context, engine, task, adapter?.Name ?? engine.Model, dimensions, base64));
        });
    }

    private static void Write(Utf8JsonWriter json, HttpContext context, ServedEngine engine, ModelTask task, string model, int dimensions, bool base64)
    {
        json.WriteStartObject();
        json.WriteString("id", $"embd-{RequestIds.Of(context, task.Fields.RequestId)}");
        json.WriteString("object", "list");
        json.WriteNumber("created", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        json.WriteString("model", task.Fields.Model ?? engine.Name);
        json.WriteStartArray("data");
        for (var i = 0; i < task.Prompts.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index", i);
            json.WriteString("object", "embedding");
            json.WritePropertyName("embedding");
            WriteVector(json, EmbeddingVector.Of(engine.Seed, model, task.Prompts[i], dimensions), base64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        new TokenUsage(task.Prompts.Sum(prompt => prompt.Count), 0).Write(json);
        json.WriteEndObject();
    }

    /// <summary>Numbers, or the base64 of their 32-bit floats in the order of the machine, which is little-endian wherever this runs.</summary>
    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool base64)
    {
        if (base64)
        {
            json.WriteBase64StringValue(MemoryMarshal.AsBytes(vector.AsSpan()));
            return;
        }

        json.WriteStartArray();
        foreach (var number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static List<List<int>>? Prompts(JsonFields fields, ServedEngine engine, out OpenAiError? error)
    {
        if (fields.Element("messages") is null)
        {
            return PromptField.Read(fields, engine.Tokenizer, out error, "input");
        }

        return ChatPrompt.Read(fields, engine, out error) is { } chat ? [chat.Tokens] : null;
    }

    private static OpenAiError? FindMistake(string? format, long dimensions) =>
        format is not (null or "float" or "base64") ? JsonFields.Invalid("encoding_format", "literal_error", "Input should be \\'float\\' or \\'base64\\'")
        : dimensions is < 1 or > MostDimensions ? OpenAiError.BadRequest($"dimensions must be from 1 to {MostDimensions}, got {dimensions}.", "dimensions")
        : null;
}
