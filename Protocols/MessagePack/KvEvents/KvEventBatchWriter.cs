using System.Buffers;

namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>Writes a batch of KV events as an engine does. Collect events, then <see cref="Complete"/>; afterwards it serves the next batch.</summary>
/// <remarks>Not thread-safe. Memory is kept from batch to batch.</remarks>
public sealed partial class KvEventBatchWriter
{
    private readonly KvEventForm _form;
    private readonly int _storedElements;
    private readonly int _removedElements;
    private readonly ArrayBufferWriter<byte> _events = new(4096);
    private readonly ArrayBufferWriter<byte> _batch = new(4096);
    private readonly MessagePackWriter _writer;

    /// <param name="form">Maps (vLLM 0.24 and later) or arrays.</param>
    /// <param name="storedElements">Array form only: elements of a stored event with its tag, which tells the version: 6 (0.9), 7 (0.10.2), 8 (0.14), 9 (0.17), 10 (0.20), 12 (0.22).</param>
    public KvEventBatchWriter(KvEventForm form, int storedElements = 12)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(storedElements, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(storedElements, 12);
        _form = form;
        _storedElements = storedElements;

        // Removed events got their medium with 0.10.2 and their group with 0.20.
        _removedElements = storedElements >= 10 ? 4 : storedElements >= 7 ? 3 : 2;
        _writer = new MessagePackWriter(_events);
    }

    /// <summary>Events collected for the next batch.</summary>
    public int Count { get; private set; }

    /// <summary>Blocks entered the cache.</summary>
    public void BlockStored(in KvBlockStored stored)
    {
        Count++;
        if (_form == KvEventForm.Map)
        {
            BeginMap(KvFields.BlockStored, 7 + StoredOptions(stored));
        }
        else
        {
            _writer.WriteArrayHeader(_storedElements);
            _writer.WriteText(KvFields.BlockStored);
        }

        for (var i = 0; i < KvFields.Stored.Length; i++)
        {
            WriteStoredField(KvFields.Stored[i], i, stored);
        }
    }

    /// <summary>Blocks left the cache.</summary>
    /// <param name="digests">The hashes once more as whole digests, one after the other, where those are to be written; empty for numbers.</param>
    public void BlockRemoved(ReadOnlySpan<ulong> blockHashes, string? medium, int? groupIndex = null, ReadOnlySpan<byte> digests = default)
    {
        Count++;
        if (_form == KvEventForm.Map)
        {
            BeginMap(KvFields.BlockRemoved, groupIndex is null ? 2 : 3);
            _writer.WriteText("block_hashes"u8);
            WriteHashes(blockHashes, digests);
            _writer.WriteText("medium"u8);
            WriteText(medium);
            if (groupIndex is { } group)
            {
                _writer.WriteText("group_idx"u8);
                _writer.Write((long)group);
            }

            return;
        }

        _writer.WriteArrayHeader(_removedElements);
        _writer.WriteText(KvFields.BlockRemoved);
        WriteHashes(blockHashes, digests);
        if (_removedElements > 2)
        {
            WriteText(medium);
        }

        if (_removedElements > 3)
        {
            WriteInteger(groupIndex);
        }
    }

    /// <summary>The whole cache was reset.</summary>
    public void AllBlocksCleared()
    {
        Count++;
        if (_form == KvEventForm.Map)
        {
            BeginMap(KvFields.AllBlocksCleared, 0);
        }
        else
        {
            _writer.WriteArrayHeader(1);
            _writer.WriteText(KvFields.AllBlocksCleared);
        }
    }

    /// <summary>The batch of all events collected since the last call, good until the next call on this object.</summary>
    /// <param name="timestamp">Seconds since the Unix epoch.</param>
    /// <param name="dataParallelRank">The engine's rank; null writes nil.</param>
    public ReadOnlyMemory<byte> Complete(double timestamp, int? dataParallelRank)
    {
        _batch.ResetWrittenCount();
        var writer = new MessagePackWriter(_batch);
        writer.WriteArrayHeader(3);
        writer.Write(timestamp);
        writer.WriteArrayHeader(Count);
        _batch.Write(_events.WrittenSpan);
        if (dataParallelRank is { } rank)
        {
            writer.Write((long)rank);
        }
        else
        {
            writer.WriteNil();
        }

        _events.ResetWrittenCount();
        Count = 0;
        return _batch.WrittenMemory;
    }

    private static int StoredOptions(in KvBlockStored stored) =>
        (stored.ExtraKeys.IsEmpty ? 0 : 1) + (stored.GroupIndex is null ? 0 : 1) + (stored.SpecKind is null ? 0 : 1) + (stored.SlidingWindow is null ? 0 : 1);

    // The tag under "type" comes first; nothing depends on it, but vLLM does so.
    private void BeginMap(ReadOnlySpan<byte> tag, int otherFields)
    {
        _writer.WriteMapHeader(1 + otherFields);
        _writer.WriteText("type"u8);
        _writer.WriteText(tag);
    }

    private void WriteStoredField(KvField field, int position, in KvBlockStored stored)
    {
        if (_form == KvEventForm.Array ? position >= _storedElements - 1 : IsLeftOut(field, stored))
        {
            return;
        }

        if (_form == KvEventForm.Map)
        {
            _writer.WriteText(KvFields.Name(field));
        }

        switch (field)
        {
            case KvField.BlockHashes:
                WriteHashes(stored.BlockHashes, stored.Digests);
                break;
            case KvField.ParentBlockHash:
                WriteHash(stored.ParentBlockHash, stored.ParentDigest);
                break;
            case KvField.TokenIds:
                _writer.WriteTokenIds(stored.TokenIds);
                break;
            case KvField.BlockSize:
                _writer.Write((long)stored.BlockSize);
                break;
            case KvField.LoraId:
                WriteInteger(stored.LoraId);
                break;
            case KvField.Medium:
                WriteText(stored.Medium);
                break;
            case KvField.LoraName:
                WriteText(stored.LoraName);
                break;
            case KvField.ExtraKeys:
                WriteExtraKeys(stored.ExtraKeys);
                break;
            case KvField.GroupIndex:
                WriteInteger(stored.GroupIndex);
                break;
            case KvField.SpecKind:
                WriteText(stored.SpecKind);
                break;
            default:
                WriteInteger(stored.SlidingWindow);
                break;
        }
    }

    private static bool IsLeftOut(KvField field, in KvBlockStored stored) => field switch
    {
        KvField.ExtraKeys => stored.ExtraKeys.IsEmpty,
        KvField.GroupIndex => stored.GroupIndex is null,
        KvField.SpecKind => stored.SpecKind is null,
        KvField.SlidingWindow => stored.SlidingWindow is null,
        _ => false,
    };
}
