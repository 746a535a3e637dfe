using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.EngineModel.Text;

/// <summary>Endless small sentences, a function of a key alone.</summary>
/// <remarks>Tokenised again, the text gives the tokens that were generated, as a following turn of a conversation expects.</remarks>
public sealed class SentenceSource : ITokenSource
{
    // A real model rarely stops within its first hundred tokens when asked an open question, and rarely goes on past a few hundred.
    private const int ShortestAnswer = 128;
    private const int AnswerSpread = 513;

    private readonly Lexicon _lexicon;
    private bool _atStart;
    private ulong _state;
    private string _shape = "";
    private int _element;
    private int[] _word = [];
    private int _piece;

    /// <param name="key">See <see cref="TextKey"/>.</param>
    /// <param name="endless">Whether the model never ends by itself, as a request with <c>ignore_eos</c> asks.</param>
    /// <param name="atLeast">Tokens before which the model does not end.</param>
    /// <param name="atStart">Whether the text begins something new, as an answer in a chat does, and so without a blank.</param>
    /// <param name="tokenizer">Whose tokens they are; the built-in one's when absent.</param>
    public SentenceSource(ulong key, bool endless, int atLeast = 0, bool atStart = false, ITokenizer? tokenizer = null)
    {
        _lexicon = Lexicon.Of(tokenizer ?? BuiltinTokenizer.Instance);
        _state = key;
        _atStart = atStart;
        NaturalLength = endless ? int.MaxValue : Math.Max(atLeast, ShortestAnswer + (int)(TextKey.Mix(~key) % AnswerSpread));
    }

    public int NaturalLength { get; }

    public int NextToken()
    {
        if (_piece == _word.Length)
        {
            _word = NextWord();
            _piece = 0;
        }

        return _word[_piece++];
    }

    private int[] NextWord()
    {
        if (_element == _shape.Length)
        {
            _shape = _lexicon.Shapes[Random() % (ulong)_lexicon.Shapes.Length];
            _element = 0;
        }

        var word = _lexicon.Element(_shape, _element, Random(), _atStart, out var length);
        _atStart = false;
        _element += length;
        return word;
    }

    private ulong Random() => _state = TextKey.Mix(_state);
}
