using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.KvTransfer;

/// <summary>What a request's <c>kv_transfer_params</c> make of it: the prefill leg of a split request, its decode leg, or nothing special.</summary>
/// <remarks>
/// With several ranks a leg that does not say its rank spoils the text, as has been seen in the field: a prefill leg without a rank hands out
/// the address of another rank's memory, and a decode leg without a rank reads into another rank's. Both legs may be on any rank as long as they say so.
/// </remarks>
internal sealed class TransferLeg
{
    private readonly ServedEngine _engine;
    private readonly RankPlace _place;
    private RemoteContent? _remote;
    private bool _isSpoilt;
    private int _copiesLeft;

    private TransferLeg(ServedEngine engine, RankPlace place)
    {
        _engine = engine;
        _place = place;
    }

    /// <summary>Name under which a prefill leg's content is kept; null for another leg.</summary>
    private string? ExportId { get; init; }

    /// <summary>Whether this is a prefill leg, which gives one token.</summary>
    public static bool IsPrefill(ServedEngine engine, KvTransferParams? asked) => engine.Transfer is not null && asked is { DoRemoteDecode: true };

    /// <summary>Finds out which leg it is and, for a decode leg, whether the content is there.</summary>
    /// <param name="answerId">Id of the answer, which names the content.</param>
    /// <returns>The leg, or the error to answer.</returns>
    public static async Task<(TransferLeg Leg, OpenAiError? Error)> OpenAsync(
        HttpContext context, ServedEngine engine, RankPlace place, KvTransferParams? asked, string answerId)
    {
        if (IsPrefill(engine, asked))
        {
            return (new TransferLeg(engine, place) { ExportId = $"{answerId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}" }, null);
        }

        var leg = new TransferLeg(engine, place);
        if (engine.Transfer is not { } config || asked is not { DoRemotePrefill: true })
        {
            return (leg, null);
        }

        if (asked.Remote is not { } remote)
        {
            return (leg, null);
        }

        ClaimResult claim;
        try
        {
            claim = await engine.Remotes.ClaimAsync(remote, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client has gone, and with it the need for the content.
            _ = leg.ReleaseAsync(remote);
            throw;
        }

        if (claim == ClaimResult.Lost)
        {
            place.Rank.Engine.CountFailedTransfer();
            return (leg, config.FailsOnLoss ? new OpenAiError(500, "InternalServerError", "The KV content of the prompt could not be loaded from the prefill engine.") : null);
        }

        leg._remote = remote;
        leg._isSpoilt = !place.IsSure || claim == ClaimResult.OtherRank;
        return (leg, null);
    }

    /// <summary>Adds to the sequences of the request what its leg asks for.</summary>
    public IReadOnlyList<SequenceRequest> Apply(IReadOnlyList<SequenceRequest> sequences)
    {
        _copiesLeft = sequences.Count;
        return [.. sequences.Select((sequence, index) => sequence with
        {
            Source = _isSpoilt ? new GarbledSource(sequence.Source, TextKey.Of(_engine.Seed, _engine.Model, sequence.Prompt, null, index), _engine.Tokenizer) : sequence.Source,
            MaxTokens = ExportId is null ? sequence.MaxTokens : 1,
            ExportAs = sequences.Count == 1 ? ExportId : null,
            Import = _remote is { } remote ? new KvImport(TokensOf(remote, sequence), EndCopy) : null,
        })];
    }

    /// <summary>Tells the other engine that its content is not needed, as the request never came to run.</summary>
    public void GiveUp()
    {
        if (_remote is { } remote)
        {
            _ = ReleaseAsync(remote);
        }
    }

    /// <summary>Writes the answer's <c>kv_transfer_params</c>: what a decode leg needs, after a prefill leg, else null.</summary>
    public void Write(Utf8JsonWriter json, HttpContext context)
    {
        if (ExportId is null || _place.Rank.Engine.FindExport(ExportId) is not { } export)
        {
            json.WriteNull("kv_transfer_params");
            return;
        }

        var rank = _place.IsSure ? _place.Rank : _engine.Ranks[(_place.Rank.Index + 1) % _engine.Ranks.Count];
        json.WriteStartObject("kv_transfer_params");
        json.WriteBoolean("do_remote_prefill", true);
        json.WriteBoolean("do_remote_decode", false);
        json.WriteStartArray("remote_block_ids");
        json.WriteStartArray();
        foreach (var id in export.BlockIds)
        {
            json.WriteNumberValue(id);
        }

        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteString("remote_engine_id", rank.TransferId);
        json.WriteString("remote_request_id", export.Id);
        json.WriteString("remote_host", _engine.TransferHost ?? AddressOf(context));
        json.WriteNumber("remote_port", context.Connection.LocalPort);
        json.WriteNumber("tp_size", _engine.TensorParallelSize);
        json.WriteNumber("remote_num_tokens", export.Tokens);
        json.WriteEndObject();
    }

    /// <summary>Where the caller reached this engine is where others reach it too, unless it was told something else.</summary>
    private static string AddressOf(HttpContext context)
    {
        var address = context.Connection.LocalIpAddress ?? IPAddress.Loopback;
        return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    private int TokensOf(RemoteContent remote, SequenceRequest sequence) =>
        Math.Min(remote.Tokens ?? remote.Blocks * _engine.Options.BlockSize, sequence.Prompt.Count);

    // Called under the engine's lock, once for each sequence.
    private void EndCopy()
    {
        if (Interlocked.Decrement(ref _copiesLeft) == 0)
        {
            _ = ReleaseAsync(_remote!);
        }
    }

    private async Task ReleaseAsync(RemoteContent remote)
    {
        await Task.Yield();
        if (!await _engine.Remotes.ReleaseAsync(remote))
        {
            _place.Rank.Engine.CountFailedNotification();
        }
    }
}
