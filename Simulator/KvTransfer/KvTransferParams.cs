using System.Text.Json;

namespace LlmdAspire.Simulator.KvTransfer;

/// <summary>A request's <c>kv_transfer_params</c>. A field of another type than expected counts as absent: the fields pass through routers that do not know them.</summary>
internal sealed record KvTransferParams
{
    /// <summary>Whether another engine will go on with this prompt.</summary>
    public bool DoRemoteDecode { get; private init; }

    /// <summary>Whether another engine has computed this prompt.</summary>
    public bool DoRemotePrefill { get; private init; }

    /// <summary>Where its content is; null when the fields do not tell, or when there is nothing to copy.</summary>
    public RemoteContent? Remote { get; private init; }

    public static KvTransferParams Read(JsonElement json)
    {
        var host = Text(json, "remote_host");
        var port = Number(json, "remote_port");
        var engine = Text(json, "remote_engine_id");
        var request = Text(json, "remote_request_id");
        var blocks = CountBlocks(json);
        return new KvTransferParams
        {
            DoRemoteDecode = Switch(json, "do_remote_decode"),
            DoRemotePrefill = Switch(json, "do_remote_prefill"),
            Remote = host is { Length: > 0 } && port is > 0 and <= ushort.MaxValue && engine is not null && request is not null && blocks > 0
                ? new RemoteContent(host, port.Value, engine, request, blocks, Number(json, "remote_num_tokens"))
                : null,
        };
    }

    /// <summary>Blocks of the first cache group; a flat list, as engines before 0.18 send it, is that group.</summary>
    private static int CountBlocks(JsonElement json)
    {
        if (!json.TryGetProperty("remote_block_ids", out var blocks) || blocks.ValueKind != JsonValueKind.Array || blocks.GetArrayLength() == 0)
        {
            return 0;
        }

        return blocks[0].ValueKind == JsonValueKind.Array ? blocks[0].GetArrayLength() : blocks.GetArrayLength();
    }

    private static bool Switch(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && Http.JsonFields.TryText(value, out var text) ? text : null;

    private static int? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}

/// <summary>KV content that another engine keeps.</summary>
/// <param name="Blocks">How many blocks hold it.</param>
/// <param name="Tokens">Tokens it covers; null where the other engine does not say.</param>
internal sealed record RemoteContent(string Host, int Port, string EngineId, string RequestId, int Blocks, int? Tokens);
