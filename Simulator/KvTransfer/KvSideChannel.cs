using System.Text.Json;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.KvTransfer;

/// <summary>The way on which engines talk about content that one keeps for the other: two calls on the engine's HTTP port, in the place of NIXL's handshake and notification.</summary>
internal static class KvSideChannel
{
    public const string ClaimPath = "/kv_transfer/claim";
    public const string ReleasePath = "/kv_transfer/release";
    public const string EngineField = "engine_id";
    public const string RequestField = "request_id";

    /// <summary>Keeps the content for another lease: 200 when the named rank has it, 409 when another rank has it, 404 when none has.</summary>
    public static Task ClaimAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (engineId, request) = Read(body);
        var named = engine.Ranks.FirstOrDefault(rank => rank.TransferId == engineId);
        var status = named is null ? StatusCodes.Status404NotFound
            : named.Engine.ExtendExport(request) is not null ? StatusCodes.Status200OK
            : engine.Ranks.Any(rank => rank.Engine.ExtendExport(request) is not null) ? StatusCodes.Status409Conflict
            : StatusCodes.Status404NotFound;
        return JsonReply.SendAsync(context, status, "{}"u8.ToArray());
    }

    /// <summary>Frees the content, whichever rank has it.</summary>
    public static Task ReleaseAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (_, request) = Read(body);
        var found = engine.Ranks.Any(rank => rank.Engine.ReleaseExport(request));
        return JsonReply.SendAsync(context, found ? StatusCodes.Status200OK : StatusCodes.Status404NotFound, "{}"u8.ToArray());
    }

    private static (string EngineId, string RequestId) Read(JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        return (fields.Text(EngineField) ?? "", fields.Text(RequestField) ?? "");
    }
}
