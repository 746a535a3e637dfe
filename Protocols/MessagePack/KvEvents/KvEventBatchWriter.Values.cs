namespace LlmdAspire.Protocols.MessagePack.KvEvents;

public sealed partial class KvEventBatchWriter
{
    private void WriteHashes(ReadOnlySpan<ulong> hashes)
    {
        _writer.WriteArrayHeader(hashes.Length);
        foreach (var hash in hashes)
        {
            _writer.Write(hash);
        }
    }

    private void WriteHash(ulong? hash)
    {
        if (hash is { } value)
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
