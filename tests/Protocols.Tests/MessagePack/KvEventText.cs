using System.Buffers;
using System.Globalization;
using System.Text;
using LlmdAspire.Protocols.MessagePack;
using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Protocols.Tests.MessagePack;

/// <summary>Events as lines of text, so that a test compares a whole batch at a glance.</summary>
internal static class KvEventText
{
    public static string[] Lines(ReadOnlySequence<byte> payload, KvEventBuffers? buffers = null)
    {
        var batch = new KvEventBatchReader(payload, buffers ?? new KvEventBuffers());
        if (!batch.TryReadHeader())
        {
            return [$"no batch: {batch.Error}"];
        }

        List<string> lines = [];
        while (batch.TryRead())
        {
            lines.Add(Line(batch.Current));
        }

        var end = batch.Error == MessagePackError.None
            ? Invariant($"at {batch.Timestamp} rank {batch.DataParallelRank?.ToString(CultureInfo.InvariantCulture) ?? "none"}")
            : $"broken: {batch.Error}";
        lines.Add(end + (batch.UnknownEvents > 0 ? $" unknown {batch.UnknownEvents}" : "") + (batch.MalformedEvents > 0 ? $" malformed {batch.MalformedEvents}" : ""));
        return [.. lines];
    }

    public static string[] Lines(byte[] payload) => Lines(new ReadOnlySequence<byte>(payload));

    private static string Line(in KvEvent e) => e.Kind switch
    {
        KvEventKind.AllBlocksCleared => "cleared",
        KvEventKind.BlockRemoved => $"removed [{Join(e.BlockHashes)}]{Common(e)}",
        _ => $"stored [{Join(e.BlockHashes)}] after {e.ParentBlockHash?.ToString("x", null) ?? "nothing"} tokens [{string.Join(' ', e.TokenIds.ToArray())}] size {e.BlockSize}"
            + Common(e) + Optional(" lora-id ", e.LoraId?.ToString(CultureInfo.InvariantCulture)) + Optional(" lora ", Text(e.LoraName))
            + Optional(" kind ", Text(e.SpecKind)) + Optional(" window ", e.SlidingWindow?.ToString(CultureInfo.InvariantCulture)) + Optional(" extra ", Extra(e.ExtraKeys)),
    };

    private static string Common(in KvEvent e) =>
        Optional(" in ", Text(e.Medium)) + Optional(" group ", e.GroupIndex?.ToString(CultureInfo.InvariantCulture)) + Optional(" ", Text(e.Locality));

    private static string Join(ReadOnlySpan<ulong> hashes) => string.Join(' ', hashes.ToArray().Select(hash => hash.ToString("x", null)));

    private static string Extra(KvExtraKeys extra)
    {
        List<string> blocks = [];
        while (extra.TryNextBlock())
        {
            List<string> keys = [];
            while (extra.TryNextKey(out var key, out var offset))
            {
                keys.Add(Text(key) + (offset is null ? "" : Invariant($"@{offset}")));
            }

            blocks.Add(string.Join(',', keys));
        }

        return string.Join('|', blocks);
    }

    private static string Optional(string name, string? value) => string.IsNullOrEmpty(value) ? "" : name + value;

    // Latin-1 shows raw bytes as they are; texts in these tests are given the same way.
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
