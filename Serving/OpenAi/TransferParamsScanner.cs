using System.Buffers;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Finds what a client may not say in a body: the members that tell an engine from which hosts to fetch caches.</summary>
/// <remarks>
/// <para>
/// These are <c>kv_transfer_params</c> and <c>ec_transfer_params</c> where vLLM takes them from: at the top level, in <c>vllm_xargs</c> and in <c>sampling_params.extra_args</c>. Members of that
/// name anywhere else are text like any other. What is found, filled with spaces, leaves the rest of the body as it was: the comma that goes with a member goes too.
/// </para>
/// <para>
/// Only strings, brackets and commas are looked at, never the grammar between them, so whatever a lenient reader takes for JSON (<c>NaN</c>, a byte order mark) is read as it reads it. A body that is
/// no object has no such members. The body may come in pieces. Not thread-safe.
/// </para>
/// </remarks>
/// <param name="mostHeld">
/// The most bytes before the end of a piece whose fate may be open, at least 256: a comma, white space and a name. Where more white space stands between comma and member the comma stays, and the JSON
/// is broken if that member was the last.
/// </param>
public sealed class TransferParamsScanner(int mostHeld = int.MaxValue)
{
    // The longest name looked for, each of its letters written as \u0000.
    private const int MaxName = 18 * 6;

    private static readonly SearchValues<byte> s_marks = SearchValues.Create("\"{}[],"u8);
    private static readonly SearchValues<byte> s_nestedMarks = SearchValues.Create("\"{}[]"u8);

    private List<ByteRange>? _found;
    private byte[]? _name;
    private int _nameLength;
    private long _nameStart;
    private State _state;
    private bool _escaped;
    private long _offset;
    private int _depth;
    private Place _place;
    private Place _enters;
    private bool _awaitsName;
    private long _comma = -1;
    private long _blankFrom = -1;
    private bool _takesCommaBehind;

    private enum State
    {
        BeforeBody,
        Between,
        Text,
        Name,
        Over,
    }

    private enum Place
    {
        Outside,
        Body,
        SamplingParams,
        ExtraArgs,
        Xargs,
    }

    /// <summary>False once the body is seen to be UTF-16 or UTF-32, which JSON readers of engines accept and this one does not.</summary>
    public bool IsUtf8 { get; private set; } = true;

    /// <summary>Nothing before this offset will be found any more.</summary>
    public long Settled => _comma >= 0 ? _comma : _state == State.Name ? _nameStart : _offset;

    private bool IsInPlace => _depth == DepthOf(_place);

    /// <summary>Whether an engine may read a body of this type as JSON.</summary>
    public static bool MayBeJson(string? contentType) => string.IsNullOrEmpty(contentType) || contentType.Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds them in a whole body.</summary>
    /// <param name="isUtf8"><see cref="IsUtf8"/>.</param>
    public static IReadOnlyList<ByteRange> FindIn(ReadOnlySequence<byte> body, out bool isUtf8)
    {
        var scanner = new TransferParamsScanner();
        foreach (var piece in body)
        {
            scanner.Scan(piece.Span);
        }

        isUtf8 = scanner.IsUtf8;
        return scanner.TakeFound();
    }

    /// <summary>Looks at the next piece of the body.</summary>
    public void Scan(ReadOnlySpan<byte> piece)
    {
        if (_offset < 2)
        {
            CheckEncoding(piece[..(int)Math.Min(2 - _offset, piece.Length)]);
        }

        var at = 0;
        while (at < piece.Length)
        {
            at = _state switch
            {
                State.BeforeBody => Begin(piece, at),
                State.Between => NextMark(piece, at),
                State.Text => SkipText(piece, at),
                State.Name => ReadName(piece, at),
                _ => piece.Length,
            };
        }

        _offset += piece.Length;
        if (_blankFrom >= 0)
        {
            BlankTo(_offset);
            _blankFrom = _offset;
        }

        if (_offset - Settled > mostHeld)
        {
            _comma = -1;
        }
    }

    /// <summary>What was found since the last call, in the order of the body; offsets count from its start.</summary>
    public IReadOnlyList<ByteRange> TakeFound()
    {
        var found = _found ?? (IReadOnlyList<ByteRange>)[];
        _found = null;
        return found;
    }

    // JSON begins with two ASCII characters, or one: only in wider encodings there is a zero among their bytes, or a mark before them.
    private void CheckEncoding(ReadOnlySpan<byte> first)
    {
        if (first.IndexOfAny<byte>(0x00, 0xFE, 0xFF) >= 0)
        {
            IsUtf8 = false;
            _state = State.Over;
        }
    }

    private int Begin(ReadOnlySpan<byte> piece, int at)
    {
        switch (piece[at])
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0xEF or 0xBB or 0xBF:
                return at + 1;
            case (byte)'{':
                _state = State.Between;
                _depth = 1;
                Enter(Place.Body);
                return at + 1;
            default:
                _state = State.Over;
                return piece.Length;
        }
    }

    private int NextMark(ReadOnlySpan<byte> piece, int at)
    {
        var step = piece[at..].IndexOfAny(IsInPlace ? s_marks : s_nestedMarks);
        if (step < 0)
        {
            return piece.Length;
        }

        at += step;
        switch (piece[at])
        {
            case (byte)'"':
                BeginText(_offset + at);
                break;
            case (byte)'{':
                Open(isObject: true);
                break;
            case (byte)'[':
                Open(isObject: false);
                break;
            case (byte)',':
                EndMember(_offset + at);
                break;
            default:
                Close(_offset + at);
                break;
        }

        return at + 1;
    }

    private void BeginText(long position)
    {
        if (!_awaitsName || !IsInPlace)
        {
            _state = State.Text;
            return;
        }

        _state = State.Name;
        _awaitsName = false;
        _nameStart = position;
        _nameLength = 0;
    }

    private void Open(bool isObject)
    {
        _depth++;
        if (isObject && _enters != Place.Outside && _depth == DepthOf(_enters))
        {
            Enter(_enters);
        }

        _enters = Place.Outside;
    }

    private void Enter(Place place)
    {
        _place = place;
        _awaitsName = true;
        _comma = -1;
    }

    private void EndMember(long comma)
    {
        _comma = comma;
        if (_blankFrom >= 0 && _takesCommaBehind)
        {
            _comma = -1;
            BlankTo(comma + 1);
        }
        else if (_blankFrom >= 0)
        {
            BlankTo(comma);
        }

        _blankFrom = -1;
        _awaitsName = true;
    }

    private void Close(long position)
    {
        if (IsInPlace)
        {
            if (_blankFrom >= 0)
            {
                BlankTo(position);
                _blankFrom = -1;
            }

            _comma = -1;
            _awaitsName = false;
            _state = _place == Place.Body ? State.Over : _state;
            _place = _place == Place.ExtraArgs ? Place.SamplingParams : Place.Body;
        }

        _depth--;
    }

    private int SkipText(ReadOnlySpan<byte> piece, int at)
    {
        var length = LengthOfText(piece[at..]);
        if (length < 0)
        {
            return piece.Length;
        }

        _state = State.Between;
        return at + length + 1;
    }

    private int ReadName(ReadOnlySpan<byte> piece, int at)
    {
        var length = LengthOfText(piece[at..]);
        var part = length < 0 ? piece[at..] : piece.Slice(at, length);
        var isTooLong = _nameLength + part.Length > MaxName;
        if (length < 0 && !isTooLong)
        {
            KeepForNextPiece(part);
            return piece.Length;
        }

        if (isTooLong)
        {
            EndName(default);
        }
        else if (_nameLength == 0)
        {
            EndName(part);
        }
        else
        {
            KeepForNextPiece(part);
            EndName(_name.AsSpan(0, _nameLength));
        }

        _state = length < 0 ? State.Text : State.Between;
        return length < 0 ? piece.Length : at + length + 1;
    }

    private void KeepForNextPiece(ReadOnlySpan<byte> part)
    {
        _name ??= new byte[MaxName];
        part.CopyTo(_name.AsSpan(_nameLength));
        _nameLength += part.Length;
    }

    private void EndName(ReadOnlySpan<byte> name)
    {
        if (_place != Place.SamplingParams && (Is(name, "kv_transfer_params"u8) || Is(name, "ec_transfer_params"u8)))
        {
            // With nothing kept before it, the comma behind it goes.
            _takesCommaBehind = _comma < 0;
            _blankFrom = _takesCommaBehind ? _nameStart : _comma;
            _enters = Place.Outside;
        }
        else
        {
            _enters = PlaceBehind(name);
        }

        _comma = -1;
    }

    private Place PlaceBehind(ReadOnlySpan<byte> name) => _place switch
    {
        Place.Body when Is(name, "vllm_xargs"u8) => Place.Xargs,
        Place.Body when Is(name, "sampling_params"u8) => Place.SamplingParams,
        Place.SamplingParams when Is(name, "extra_args"u8) => Place.ExtraArgs,
        _ => Place.Outside,
    };

    // Up to the closing quote; negative when the string goes on in the next piece.
    private int LengthOfText(ReadOnlySpan<byte> rest)
    {
        var at = _escaped ? 1 : 0;
        _escaped = false;
        while (true)
        {
            var step = rest[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
            {
                return -1;
            }

            at += step;
            if (rest[at] == (byte)'"')
            {
                return at;
            }

            if (at + 1 == rest.Length)
            {
                _escaped = true;
                return -1;
            }

            at += 2;
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected)
    {
        if (name.Length > MaxName || !name.Contains((byte)'\\'))
        {
            return name.SequenceEqual(expected);
        }

        Span<byte> quoted = stackalloc byte[MaxName + 2];
        quoted = quoted[..(name.Length + 2)];
        quoted[0] = quoted[^1] = (byte)'"';
        name.CopyTo(quoted[1..]);
        try
        {
            var reader = new Utf8JsonReader(quoted);
            return reader.Read() && reader.ValueTextEquals(expected);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static int DepthOf(Place place) => place switch
    {
        Place.Body => 1,
        Place.SamplingParams or Place.Xargs => 2,
        Place.ExtraArgs => 3,
        _ => 0,
    };

    private void BlankTo(long end)
    {
        if (end > _blankFrom)
        {
            (_found ??= []).Add(new ByteRange(_blankFrom, end - _blankFrom));
        }
    }
}
