using System.Text.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

/// <summary>Engines for requests in two stages, and what they saw.</summary>
internal static class Stages
{
    /// <summary>Written with care: a copy that is not opaque would not look like this.</summary>
    public const string Params = """{ "remote_block_ids":[[1,2],[3]], "remote_engine_id":"e-1",  "odd":1.50 }""";

    public static Task<ScriptedEngine> PrefillAsync(string parameters = Params) => ScriptedEngine.StartAsync((context, _) =>
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"id":"cmpl-1","choices":[{"text":"a"}],"kv_transfer_params":{{parameters}}}""");
    });

    public static Task<ScriptedEngine> DecodeAsync() => ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("""{"choices":[{"text":"answer"}]}"""));

    public static Task<ScriptedEngine> AnsweringAsync(int status, string text = "no") => ScriptedEngine.StartAsync((context, _) =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    });

    /// <summary>A router that runs requests in two stages on these engines.</summary>
    public static Task<RunningRouter> RouteAsync(string[] prefill, string[] decode, params string[] more) => RunningRouter.StartAsync(
        [],
        ["--pd-disaggregation", .. prefill.SelectMany(url => new[] { "--prefill", url }), .. decode.SelectMany(url => new[] { "--decode", url }), "--retry-initial-backoff-ms", "1", .. more]);

    public static string? ParamsOf(ReceivedRequest request) =>
        JsonDocument.Parse(request.Text).RootElement.TryGetProperty("kv_transfer_params", out var value) ? value.GetRawText() : null;

    public static string? RankOf(ReceivedRequest request) => request.Headers.GetValueOrDefault("X-data-parallel-rank");

    /// <summary>Waits until no worker has requests in flight.</summary>
    public static Task UntilIdleAsync(RunningRouter router) => RunningRouter.UntilAsync(async () =>
        (await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray().All(worker => worker.GetProperty("load").GetInt32() == 0));

    public static string Authority(string url) => new Uri(url).Authority;
}
