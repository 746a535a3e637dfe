namespace LlmdAspire.Protocols.MessagePack.KvEvents;

public ref partial struct KvEventBatchReader
{
    // block_hashes, token_ids and block_size; without them a stored event says nothing.
    private const int StoredNeeds = (1 << (int)KvField.BlockHashes) | (1 << (int)KvField.TokenIds) | (1 << (int)KvField.BlockSize);
    private const int RemovedNeeds = 1 << (int)KvField.BlockHashes;

    private Outcome ReadEvent()
    {
        if (_reader.TryReadArrayHeader(out var elements))
        {
            return ReadArray(elements);
        }

        return _reader.TryReadMapHeader(out var pairs) ? ReadMap(pairs) : Outcome.Malformed;
    }

    private Outcome ReadArray(int elements)
    {
        if (elements == 0 || !_reader.TryReadUtf8(out var tag, ref _buffers.NameScratch))
        {
            return Outcome.Malformed;
        }

        if (!KvFields.TryParseTag(tag, out var kind))
        {
            return Outcome.Unknown;
        }

        _current.Kind = kind;
        var fields = kind switch
        {
            KvEventKind.BlockStored => KvFields.Stored,
            KvEventKind.BlockRemoved => KvFields.Removed,
            _ => [],
        };
        var seen = 0;
        for (var i = 0; i < elements - 1; i++)
        {
            if (!TryReadField(i < fields.Length ? fields[i] : KvField.Unknown, ref seen))
            {
                return Outcome.Malformed;
            }
        }

        return IsComplete(kind, seen) ? Outcome.Read : Outcome.Malformed;
    }

    private Outcome ReadMap(int pairs)
    {
        var seen = 0;
        var tagged = false;
        for (var i = 0; i < pairs; i++)
        {
            var field = KvField.Unknown;
            if (_reader.TryReadUtf8(out var name, ref _buffers.NameScratch))
            {
                field = KvFields.Parse(name);
            }
            else if (!_reader.TrySkip())
            {
                return Outcome.Malformed;
            }

            if (field == KvField.Type)
            {
                if (!_reader.TryReadUtf8(out var tag, ref _buffers.NameScratch))
                {
                    return Outcome.Malformed;
                }

                if (!KvFields.TryParseTag(tag, out var kind))
                {
                    return Outcome.Unknown;
                }

                _current.Kind = kind;
                tagged = true;
            }
            else if (!TryReadField(field, ref seen))
            {
                return Outcome.Malformed;
            }
        }

        return tagged && IsComplete(_current.Kind, seen) ? Outcome.Read : Outcome.Malformed;
    }

    private static bool IsComplete(KvEventKind kind, int seen)
    {
        var needs = kind switch
        {
            KvEventKind.BlockStored => StoredNeeds,
            KvEventKind.BlockRemoved => RemovedNeeds,
            _ => 0,
        };
        return (seen & needs) == needs;
    }

    private bool TryReadField(KvField field, ref int seen)
    {
        seen |= 1 << (int)field;
        switch (field)
        {
            case KvField.BlockHashes:
                return TryReadHashes();
            case KvField.ParentBlockHash:
                if (_reader.TryReadNil())
                {
                    return true;
                }

                var parent = _reader.TryReadBlockHash(out var hash);
                _current.ParentBlockHash = hash;
                return parent;
            case KvField.TokenIds:
                return TryReadTokens();
            case KvField.BlockSize:
                var size = _reader.TryReadInt64(out var tokens) && tokens is >= 0 and <= int.MaxValue;
                _current.BlockSize = (int)tokens;
                return size;
            case KvField.LoraId:
                _current.LoraId = ReadOptionalInteger(out var loraReadable);
                return loraReadable;
            case KvField.Medium:
                _current.Medium = ReadOptionalText(0, out var mediumReadable);
                return mediumReadable;
            case KvField.LoraName:
                _current.LoraName = ReadOptionalText(1, out var nameReadable);
                return nameReadable;
            case KvField.ExtraKeys:
                if (_reader.TryReadNil())
                {
                    return true;
                }

                _current.ExtraKeys = new KvExtraKeys(_reader, _buffers);
                return _reader.TrySkip();
            case KvField.GroupIndex:
                var group = ReadOptionalInteger(out var groupReadable);
                _current.GroupIndex = (int?)group;
                return groupReadable && group is null or (>= 0 and <= int.MaxValue);
            case KvField.SpecKind:
                _current.SpecKind = ReadOptionalText(2, out var kindReadable);
                return kindReadable;
            case KvField.SlidingWindow:
                _current.SlidingWindow = ReadOptionalInteger(out var windowReadable);
                return windowReadable;
            case KvField.Locality:
                _current.Locality = ReadOptionalText(3, out var localityReadable);
                return localityReadable;
            default:
                return _reader.TrySkip();
        }
    }

    private bool TryReadHashes()
    {
        if (!_reader.TryReadArrayHeader(out var count) || count > KvEventBuffers.MaxHashes)
        {
            return false;
        }

        var hashes = _buffers.Hashes(count);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!_reader.TryReadBlockHash(out hashes[i]))
            {
                return false;
            }
        }

        _current.BlockHashes = hashes;
        return true;
    }

    private bool TryReadTokens()
    {
        if (!_reader.TryReadArrayHeader(out var count) || count > KvEventBuffers.MaxTokens)
        {
            return false;
        }

        var tokens = _buffers.Tokens(count);
        _current.TokenIds = tokens;
        return _reader.TryReadTokenIds(tokens);
    }

    // Engines fill the later positions differently (SGLang has other fields there), so a value of another type counts as absent.
    private long? ReadOptionalInteger(out bool readable)
    {
        if (_reader.TryReadInt64(out var value))
        {
            readable = true;
            return value;
        }

        readable = _reader.TrySkip();
        return null;
    }

    private ReadOnlySpan<byte> ReadOptionalText(int slot, out bool readable)
    {
        if (_reader.TryReadUtf8(out var value, ref _buffers.Scratch[slot]))
        {
            readable = true;
            return value;
        }

        readable = _reader.TrySkip();
        return default;
    }
}
