using System.Globalization;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Sleep;

/// <summary><c>POST /sleep</c>, <c>POST /wake_up</c> and <c>GET /is_sleeping</c>, which vLLM offers in development mode.</summary>
internal static class SleepEndpoints
{
    // What becomes of requests that have begun: they end, they come to their end first, or they go on after the wake.
    private const string Abort = "abort";
    private const string Wait = "wait";
    private const string Keep = "keep";

    /// <summary>Stops the engine and forgets its KV cache; requests that come meanwhile wait until it is woken.</summary>
    public static async Task SleepAsync(HttpContext context, ServedEngine engine)
    {
        var (level, mode) = (Query(context, "level", "1"), Query(context, "mode", Abort));
        if ((NotEnabled(engine) ?? FindMistake(level, mode)) is { } error)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var sleep = engine.Face.Sleep;
        var wish = sleep.Begin(() => OnEach(engine, mode == Wait ? rank => rank.Drain() : rank => rank.Pause()));
        if (mode == Wait)
        {
            await DrainedAsync(context, engine, wish);
        }

        var depth = int.Parse(level, CultureInfo.InvariantCulture);
        sleep.Complete(wish, depth, () => OnEach(engine, rank => FallAsleep(rank, depth, mode)));
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

        engine.Face.Sleep.Wake(tags, () => OnEach(engine, rank => rank.Resume()));
        context.Response.ContentLength = 0;
    }

    public static Task IsSleepingAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("is_sleeping", engine.Face.Sleep.IsSleeping);
        json.WriteEndObject();
    });

    /// <summary>Waits until what has begun has ended, or somebody wakes the engine; a caller that leaves before takes its wish back.</summary>
    private static async Task DrainedAsync(HttpContext context, ServedEngine engine, object wish)
    {
        try
        {
            while (engine.Face.Sleep.IsWished(wish) && !engine.Ranks.All(rank => rank.Engine.IsDrained))
            {
                await Task.Delay(10, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            engine.Face.Sleep.TakeBack(wish, () => OnEach(engine, rank => rank.Resume()));
            throw;
        }
    }

    private static void FallAsleep(Engine engine, int depth, string mode)
    {
        engine.Pause();
        if (mode == Abort)
        {
            engine.AbortAll();
        }
        else
        {
            engine.Interrupt();
        }

        if (depth > 0)
        {
            engine.ForgetExports();
            _ = engine.ResetPrefixCache();
        }
    }

    private static void OnEach(ServedEngine engine, Action<Engine> act)
    {
        foreach (var rank in engine.Ranks)
        {
            act(rank.Engine);
        }
    }

    private static OpenAiError? NotEnabled(ServedEngine engine) =>
        engine.Face.IsSleepEnabled ? null : OpenAiError.BadRequest("Sleep mode is not enabled. Start the engine with --enable-sleep-mode.");

    private static OpenAiError? FindMistake(string level, string mode) =>
        level is not ("0" or "1" or "2") ? OpenAiError.BadRequest($"level is '{level}'; it must be 0, 1 or 2.", "level")
        : mode is not (Abort or Wait or Keep) ? OpenAiError.BadRequest($"mode is '{mode}'; it must be {Abort}, {Wait} or {Keep}.", "mode")
        : null;

    private static string Query(HttpContext context, string name, string otherwise) =>
        context.Request.Query[name].ToString() is { Length: > 0 } value ? value : otherwise;
}
