using System.Text;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.EngineModel.Text;

/// <summary>Ends a sequence at a stop string or a stop token. One instance watches one sequence.</summary>
/// <remarks>Not thread-safe: the engine calls it under its lock; what it found is read after the sequence has finished.</remarks>
public sealed class StopCondition
{
    private readonly ITokenizer _tokenizer;
    private readonly byte[][] _strings;
    private readonly string[] _names;
    private readonly IReadOnlyList<int> _tokens;
    private readonly int _minTokens;
    private readonly bool _keepMatch;
    private readonly List<byte> _tail = [];
    private readonly byte[] _piece;
    private int _textLength;
    private int _count;

    /// <param name="strings">Strings that end the text, none of them empty.</param>
    /// <param name="tokens">Tokens that end the text.</param>
    /// <param name="minTokens">Tokens that come before anything can end the text.</param>
    /// <param name="keepMatch">Whether the stop string stays in the text.</param>
    public StopCondition(ITokenizer tokenizer, IReadOnlyList<string> strings, IReadOnlyList<int> tokens, int minTokens, bool keepMatch)
    {
        _tokenizer = tokenizer;
        _names = [.. strings];
        _strings = [.. strings.Select(Encoding.UTF8.GetBytes)];
        _tokens = tokens;
        _minTokens = minTokens;
        _keepMatch = keepMatch;
        _piece = new byte[tokenizer.MaxTokenBytes];
        HoldBack = keepMatch || _strings.Length == 0 ? 0 : _strings.Max(text => text.Length) - 1;
    }

    /// <summary>Bytes at the end of an unfinished text that may yet turn out to belong to a stop string.</summary>
    public int HoldBack { get; }

    /// <summary>Bytes of the text that remain once a stop string was found, or null for all.</summary>
    public int? KeptBytes { get; private set; }

    /// <summary>The stop string that was found.</summary>
    public string? MatchedString { get; private set; }

    /// <summary>The stop token that was found.</summary>
    public int? MatchedToken { get; private set; }

    /// <summary>Takes the next token and says whether it ends the sequence.</summary>
    internal bool Take(int token)
    {
        _count++;
        var may = _count > _minTokens;
        var length = _tokenizer.Decode(token, _piece);
        if (may && _tokens.Contains(token))
        {
            MatchedToken = token;
            KeptBytes = _keepMatch ? null : _textLength;
            return true;
        }

        if (_strings.Length == 0)
        {
            _textLength += length;
            return false;
        }

        _tail.AddRange(_piece.AsSpan(0, length));
        _textLength += length;
        return may && FindString(length);
    }

    private bool FindString(int added)
    {
        var tail = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tail);
        var tailStart = _textLength - tail.Length;
        var best = -1;
        for (var i = 0; i < _strings.Length; i++)
        {
            // Only matches that the new bytes complete: older ones would have ended the text, or came before the minimum.
            var from = Math.Max(0, tail.Length - added - _strings[i].Length + 1);
            var at = tail[from..].IndexOf(_strings[i]);
            if (at >= 0 && (best < 0 || from + at < best))
            {
                best = from + at;
                MatchedString = _names[i];
                KeptBytes = tailStart + best + (_keepMatch ? _strings[i].Length : 0);
            }
        }

        var keep = _strings.Max(text => text.Length);
        if (_tail.Count > keep)
        {
            _tail.RemoveRange(0, _tail.Count - keep);
        }

        return best >= 0;
    }
}
