using System.Globalization;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Sleep;

/// <summary><c>POST /sleep</c>, <c>POST /wake_up</c> and <c>GET /is_sleeping</c>, which vLLM offers in development mode.</summary>
internal static class SleepEndpoints
{
    /// <summary>Stops the engine and forgets its KV cache; requests that come meanwhile wait until it is woken.</summary>
    public static async Task SleepAsync(HttpContext context, ServedEngine engine)
    {
        var (level, mode) = (Query(context, "level", "1"), Query(context, "mode", "abort"));
        if ((NotEnabled(engine) ?? FindMistake(level, mode)) is { } error)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        foreach (var rank in engine.Ranks)
        {
            rank.Engine.Pause();
        }

        if (mode == "wait")
        {
            await EmptiedAsync(context, engine);
        }

        var depth = int.Parse(level, CultureInfo.InvariantCulture);
        foreach (var rank in engine.Ranks)
        {
            if (mode == "abort")
            {
                rank.Engine.AbortAll();
            }

            if (depth > 0)
            {
                rank.Engine.ForgetExports();
                _ = rank.Engine.ResetPrefixCache(interruptRunning: true);
            }
        }

        engine.Face.Sleep.Sleep(depth);
        context.Response.ContentLength = 0;
    }

    /// <summary>Wakes what <c>tags</c> name, or everything; work goes on when nothing sleeps any more.</summary>
    public static async Task WakeAsync(HttpContext context, ServedEngine engine)
    {
        string[] tags = [.. context.Request.Query["tags"].OfType<string>().Where(tag => tag.Length > 0)];
        var unknown = Array.Find(tags, tag => tag is not (SleepState.Weights or SleepState.KvCache));
        var mistake = unknown is null ? null : OpenAiError.BadRequest($"tags holds '{unknown}'; it must be {SleepState.Weights} or {SleepState.KvCache}.", "tags");
        if ((NotEnabled(engine) ?? mistake) is { } error)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        if (engine.Face.Sleep.Wake(tags))
        {
            foreach (var rank in engine.Ranks)
            {
                rank.Engine.Resume();
            }
        }

        context.Response.ContentLength = 0;
    }

    public static Task IsSleepingAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("is_sleeping", engine.Face.Sleep.IsSleeping);
        json.WriteEndObject();
    });

    /// <summary>Waits until what runs has ended; a caller that leaves before takes its wish back.</summary>
    private static async Task EmptiedAsync(HttpContext context, ServedEngine engine)
    {
        try
        {
            while (engine.Ranks.Any(rank => rank.Engine.Load.Running > 0))
            {
                await Task.Delay(10, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            foreach (var rank in engine.Ranks)
            {
                rank.Engine.Resume();
            }

            throw;
        }
    }

    private static OpenAiError? NotEnabled(ServedEngine engine) =>
        engine.Face.IsSleepEnabled ? null : OpenAiError.BadRequest("Sleep mode is not enabled. Start the engine with --enable-sleep-mode.");

    private static OpenAiError? FindMistake(string level, string mode) =>
        level is not ("0" or "1" or "2") ? OpenAiError.BadRequest($"level is '{level}'; it must be 0, 1 or 2.", "level")
        : mode is not ("abort" or "wait" or "keep") ? OpenAiError.BadRequest($"mode is '{mode}'; it must be abort, wait or keep.", "mode")
        : null;

    private static string Query(HttpContext context, string name, string otherwise) =>
        context.Request.Query[name].ToString() is { Length: > 0 } value ? value : otherwise;
}
