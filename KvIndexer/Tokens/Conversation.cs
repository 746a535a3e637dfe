using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Json;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>The messages of a request, told apart without building a document.</summary>
internal sealed class Conversation
{
    /// <summary>Members of a message nest no deeper than this before they are the application's own, such as a tool's arguments.</summary>
    private const int MaxNameDepth = 4;

    private readonly ScoreRequest _request;
    private readonly List<Message> _messages = [];

    private Conversation(ScoreRequest request) => _request = request;

    public int Count => _messages.Count;

    /// <summary>Reads the messages; null when one of them is no object, which only the engine can judge.</summary>
    public static Conversation? Read(ScoreRequest request)
    {
        var conversation = new Conversation(request);
        var reader = new Utf8JsonReader(request.Messages.Span, new JsonReaderOptions { MaxDepth = 256 });
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            conversation._messages.Add(ReadMessage(ref reader, request.Messages));
        }

        return reader.TokenType == JsonTokenType.EndArray && conversation.Count > 0 ? conversation : null;
    }

    /// <summary>The cache key of each beginning: the first message, the first two, and so on to all of them.</summary>
    /// <param name="epoch">Keys of different epochs have nothing in common.</param>
    public UInt128[] Keys(int epoch)
    {
        var key = new PromptKey(_request, kind: 1 + (ulong)epoch);
        var keys = new UInt128[Count];
        for (var i = 0; i < Count; i++)
        {
            key.AppendPart(_messages[i].Json.Span);
            keys[i] = key.Current;
        }

        return keys;
    }

    /// <summary>Where the last of the first <paramref name="count"/> messages that a user wrote stands, or -1.</summary>
    public int LastUserBefore(int count) => _messages.FindLastIndex(count - 1, message => message.IsUser);

    /// <summary>Bytes of some messages in a row.</summary>
    public long Bytes(Range range)
    {
        var (start, length) = range.GetOffsetAndLength(Count);
        var bytes = 0L;
        for (var i = start; i < start + length; i++)
        {
            bytes += _messages[i].Json.Length;
        }

        return bytes;
    }

    /// <summary>Some messages in a row as a JSON list.</summary>
    public byte[] Json(Range range)
    {
        var (start, length) = range.GetOffsetAndLength(Count);
        var json = new ArrayBufferWriter<byte>((int)Bytes(range) + length + 2);
        json.Write("["u8);
        for (var i = start; i < start + length; i++)
        {
            if (i > start)
            {
                json.Write(","u8);
            }

            json.Write(_messages[i].Json.Span);
        }

        json.Write("]"u8);
        return json.WrittenSpan.ToArray();
    }

    /// <summary>
    /// A number that conversations share which a template can hardly treat differently: same model, same further members (of tools only that there are any),
    /// same kind of first message, same kinds of messages before <paramref name="anchor"/>, same neighbours from there on, same order of magnitude in length.
    /// </summary>
    /// <remarks>A kind is a role, the names of a message's members with the types of their values, and whether it speaks of thinking, which many templates strip.</remarks>
    public ulong Shape(int anchor, int known)
    {
        var hash = XxHash64.Begin();
        AppendText(ref hash, _request.Model);
        foreach (var passed in _request.Passed)
        {
            hash.Append(passed.Span.StartsWith("\"tools\""u8) ? "tools"u8 : passed.Span);
            hash.Append(ulong.MaxValue);
        }

        hash.Append(_messages[0].Kind);
        hash.Append(_messages[known - 1].Kind);
        hash.Append((ulong)BitOperations.Log2((uint)Count));
        hash.Append(Sum(_messages.Take(anchor).Select(message => message.Kind)));
        hash.Append(Sum(Enumerable.Range(anchor + 1, Count - anchor - 1).Select(i => Pair(_messages[i - 1].Kind, _messages[i].Kind))));
        return hash.Current;
    }

    // The different ones among some numbers, in no order.
    private static ulong Sum(IEnumerable<ulong> numbers) => numbers.Distinct().Aggregate(0UL, (sum, next) => unchecked(sum + next));

    private static ulong Pair(ulong first, ulong second)
    {
        var hash = XxHash64.Begin(first);
        hash.Append(second);
        return hash.Current;
    }

    private static void AppendText(ref XxHash64 hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.Append((ulong)bytes.Length);
        hash.Append(bytes);
    }

    private static Message ReadMessage(ref Utf8JsonReader reader, ReadOnlyMemory<byte> messages)
    {
        var start = (int)reader.TokenStartIndex;
        var depth = reader.CurrentDepth;
        var isUser = false;
        var traits = new List<ulong>();
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > depth + MaxNameDepth)
            {
                continue;
            }

            var isRole = reader.CurrentDepth == depth + 1 && reader.ValueTextEquals("role"u8);
            var isType = reader.ValueTextEquals("type"u8);
            var name = XxHash64.Hash(reader.ValueSpan, (ulong)reader.CurrentDepth);
            _ = reader.Read();
            isUser |= isRole && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("user"u8);
            traits.Add(Pair(name, ((ulong)reader.TokenType << 1) + (reader.ValueSpan.IsEmpty ? 1UL : 0)));
            if (isRole || isType)
            {
                traits.Add(XxHash64.Hash(reader.ValueSpan, name));
            }
        }

        var json = messages[start..(int)reader.BytesConsumed];
        // Without the brackets, because some writers escape them.
        traits.Add(json.Span.IndexOf("/think"u8) >= 0 ? 1UL : 0);
        return new Message(json, XxHash64.Begin(Sum(traits)).Current, isUser);
    }

    private readonly record struct Message(ReadOnlyMemory<byte> Json, ulong Kind, bool IsUser);
}
