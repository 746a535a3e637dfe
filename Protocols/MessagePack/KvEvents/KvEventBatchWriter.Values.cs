namespace LlmdAspire.Protocols.MessagePack.KvEvents;

public sealed partial class KvEventBatchWriter
{
    private void WriteHashes(ReadOnlySpan<ulong> hashes, ReadOnlySpan<byte> digests)
    {
        _writer.WriteArrayHeader(hashes.Length);
        var size = hashes.IsEmpty ? 0 : digests.Length / hashes.Length;
        for (var i = 0; i < hashes.Length; i++)
        {
            WriteHash(hashes[i], digests.Slice(i * size, size));
        }
    }

    private void WriteHash(ulong? hash, ReadOnlySpan<byte> digest)
    {
        if (!digest.IsEmpty)
        {
            _writer.WriteBinary(digest);
        }
        else if (hash is { } value)
        {
            _writer.Write(value);
        }
        else
        {
            _writer.WriteNil();
        }
    }

    private void WriteInteger(long? number)
    {
        if (number is { } value)
        {
            _writer.Write(value);
        }
        else
        {
            _writer.WriteNil();
        }
    }

    private void WriteText(string? text)
    {
        if (text is null)
        {
            _writer.WriteNil();
        }
        else
        {
            _writer.WriteText(text);
        }
    }

    private void WriteExtraKeys(ReadOnlySpan<ExtraKey[]?> blocks)
    {
        if (blocks.IsEmpty)
        {
            _writer.WriteNil();
            return;
        }

        _writer.WriteArrayHeader(blocks.Length);
        foreach (var keys in blocks)
        {
            if (keys is null)
            {
                _writer.WriteNil();
                continue;
            }

            _writer.WriteArrayHeader(keys.Length);
            foreach (var key in keys)
            {
                WriteExtraKey(key);
            }
        }
    }

    private void WriteExtraKey(ExtraKey key)
    {
        switch (key.Shape)
        {
            case ExtraKeyShape.Text:
                _writer.WriteText(key.Bytes.Span);
                break;
            case ExtraKeyShape.TextAtOffset:
                _writer.WriteArrayHeader(2);
                _writer.WriteText(key.Bytes.Span);
                _writer.Write(key.Number);
                break;
            case ExtraKeyShape.Raw:
                _writer.WriteBinary(key.Bytes.Span);
                break;
            default:
                _writer.Write(key.Number);
                break;
        }
    }
}
