namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>Memory that readers of KV events use again from batch to batch. One per consuming thread; grows to the largest event seen.</summary>
public sealed class KvEventBuffers
{
    /// <summary>Hashes taken of one event; vLLM announces the blocks of one request at a time, so a million-token context has 65,536.</summary>
    public const int MaxHashes = 1 << 20;

    /// <summary>Token ids taken of one event: the blocks above at 16 tokens each.</summary>
    public const int MaxTokens = 1 << 24;

    private ulong[] _hashes = new ulong[64];
    private int[] _tokens = new int[1024];

    /// <summary>For texts with a seam inside, one for each field that an event may hold at a time.</summary>
    internal byte[][] Scratch { get; } = [[], [], [], []];

    internal byte[] NameScratch = [];

    internal byte[] ExtraScratch = [];

    internal Span<ulong> Hashes(int count) => (count <= _hashes.Length ? _hashes : _hashes = new ulong[Grown(_hashes.Length, count)]).AsSpan(0, count);

    internal Span<int> Tokens(int count) => (count <= _tokens.Length ? _tokens : _tokens = new int[Grown(_tokens.Length, count)]).AsSpan(0, count);

    private static int Grown(int have, int need) => Math.Max(have * 2, need);
}
