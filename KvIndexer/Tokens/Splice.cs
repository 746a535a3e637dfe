namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Continues the tokens of a conversation from three renderings, without rendering it whole. Pure.</summary>
/// <remarks>
/// <code>
/// known:  system u1 a1 u2 [assistant:]        whole, from before
/// brief:         default u2 [assistant:]      the last messages of known alone
/// longer:        default u2 a2 u3 [assistant:]
///                        ^ here they part: what brief has from here on is the end that known loses, what longer has is what it gets instead
/// result: system u1 a1 u2 a2 u3 [assistant:]
/// </code>
/// The template may write what it likes at the beginning (brief and longer both have it) and may treat the last messages otherwise than earlier ones (that
/// lies behind the parting). It must treat the messages of known before those of brief as it did before; <see cref="SpliceTrust"/> holds it to that.
/// </remarks>
internal static class Splice
{
    /// <summary>The tokens of the grown conversation, or null when <paramref name="known"/> does not end as <paramref name="brief"/> does.</summary>
    public static int[]? TryContinue(ReadOnlySpan<int> known, ReadOnlySpan<int> brief, ReadOnlySpan<int> longer)
    {
        var parting = brief.CommonPrefixLength(longer);
        var lost = brief.Length - parting;
        // Where nothing is lost, one token shows that both end alike.
        var common = Math.Max(lost, 1);
        return parting > 0 && common <= known.Length && known[^common..].SequenceEqual(brief[^common..])
            ? [.. known[..^lost], .. longer[parting..]]
            : null;
    }
}
