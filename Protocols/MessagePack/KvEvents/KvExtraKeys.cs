namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>What entered the block hashes besides tokens: one entry per block, each nil or a list of keys (LoRA name, multimodal items, cache salt, digest of prompt embeddings, in this order).</summary>
/// <remarks>Decoded only when asked: <see cref="TryNextBlock"/> for each block, within it <see cref="TryNextKey"/> for each key. Keys of other shapes are passed over. A copy starts where its original stands.</remarks>
public ref struct KvExtraKeys
{
    private readonly KvEventBuffers _buffers;
    private MessagePackReader _reader;
    private int _blocksLeft;
    private int _keysLeft;

    internal KvExtraKeys(MessagePackReader reader, KvEventBuffers buffers)
    {
        _buffers = buffers;
        _reader = reader;
        if (_reader.TryReadArrayHeader(out var blocks))
        {
            _blocksLeft = blocks;
        }

        BlockCount = _blocksLeft;
    }

    /// <summary>Blocks it speaks of; 0 when there are no extra keys at all.</summary>
    public int BlockCount { get; }

    /// <summary>Goes to the next block, past what was not read of the one before.</summary>
    public bool TryNextBlock()
    {
        while (_keysLeft > 0)
        {
            _keysLeft--;
            if (!_reader.TrySkip())
            {
                return End();
            }
        }

        if (_blocksLeft == 0)
        {
            return false;
        }

        _blocksLeft--;
        if (!_reader.TryReadArrayHeader(out _keysLeft))
        {
            _keysLeft = 0;
            return _reader.TrySkip() || End();
        }

        return true;
    }

    /// <summary>Reads the block's next key: text, bytes, or the pair <c>[identifier, offset]</c> of a multimodal item.</summary>
    /// <param name="key">UTF-8 or raw bytes, good until the next call.</param>
    /// <param name="offset">Where the item begins relative to the block, for pairs; may be negative.</param>
    public bool TryNextKey(out ReadOnlySpan<byte> key, out long? offset)
    {
        offset = null;
        while (_keysLeft > 0)
        {
            _keysLeft--;
            if (_reader.TryReadUtf8(out key, ref _buffers.ExtraScratch) || _reader.TryReadBinary(out key, ref _buffers.ExtraScratch))
            {
                return true;
            }

            var start = _reader;
            if (_reader.TryReadArrayHeader(out var parts) && parts == 2
                && _reader.TryReadUtf8(out key, ref _buffers.ExtraScratch)
                && _reader.TryReadInt64(out var at))
            {
                offset = at;
                return true;
            }

            _reader = start;
            if (!_reader.TrySkip())
            {
                _ = End();
            }
        }

        key = default;
        return false;
    }

    private bool End()
    {
        _blocksLeft = 0;
        _keysLeft = 0;
        return false;
    }
}
