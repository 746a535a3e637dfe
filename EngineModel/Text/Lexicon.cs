using System.Runtime.CompilerServices;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.EngineModel.Text;

/// <summary>The words of generated text with their tokens, and the shapes of its sentences.</summary>
internal sealed class Lexicon
{
    private const string Openings = "The A One Our Each Every Any Some That This";

    private static readonly ConditionalWeakTable<ITokenizer, Lexicon> s_lexicons = [];

    private readonly Dictionary<char, int[][]> _words;
    private readonly int[][] _firstWords;

    private Lexicon(ITokenizer tokenizer)
    {
        // D opening determiner, d determiner, A adjective, N noun, V verb, P preposition, R adverb.
        _words = new Dictionary<char, int[][]>
        {
            ['D'] = Words(tokenizer, Openings),
            ['d'] = Words(tokenizer, "the a one our each every any some that this its her his no"),
            ['A'] = Words(tokenizer, "old new red big shy dry wet hot icy odd calm small quiet bright warm late early careful simple steady distant patient gentle hidden open round silver narrow honest curious"),
            ['N'] = Words(tokenizer, "cat dog sun sea air map key box car day man sky ice ink letter stone river garden window engine signal market teacher harbour forest message bridge station answer letter winter lantern orchard machine question story traveller cloud"),
            ['V'] = Words(tokenizer, "saw met led ran cut hid let put ate won finds holds turns keeps brings follows carries reads writes opens closes remembers changes builds reaches leaves watches helps shows gathers"),
            ['P'] = Words(tokenizer, "in on at by to of for near over under beside behind before after with without across around through"),
            ['R'] = Words(tokenizer, "now then soon once again today often slowly quickly gently always almost early together"),
        };
        _firstWords = [.. Openings.Split(' ').Select(word => Tokens(tokenizer, word))];
        Shapes = ["DANVdN.", "DNVdANPdN.", "DNPdNVdAN.", "DANVdNR.", "DNVR,anddNVdN.", "DNVdNPdAN,butdNVR.", "DANPdNVR."];
        And = Tokens(tokenizer, " and");
        But = Tokens(tokenizer, " but");
        Comma = Tokens(tokenizer, ",");
        Stop = Tokens(tokenizer, ".");
    }

    /// <summary>The lexicon in a tokenizer's tokens; made once for each.</summary>
    public static Lexicon Of(ITokenizer tokenizer) => s_lexicons.GetValue(tokenizer, static one => new Lexicon(one));

    /// <summary>Sentences as strings of word classes; "and" and "but" stand for themselves.</summary>
    public string[] Shapes { get; }

    private int[] And { get; }

    private int[] But { get; }

    private int[] Comma { get; }

    private int[] Stop { get; }

    /// <summary>The tokens of the element at <paramref name="position"/> of a shape, chosen by <paramref name="random"/> where there is a choice.</summary>
    /// <param name="atStart">Whether no blank comes before it; only for the first element of a shape, which is an opening determiner.</param>
    /// <param name="length">Characters of the shape that the element takes.</param>
    public int[] Element(string shape, int position, ulong random, bool atStart, out int length)
    {
        var element = shape[position];
        length = element is 'a' or 'b' ? 3 : 1;
        return element switch
        {
            'a' => And,
            'b' => But,
            ',' => Comma,
            '.' => Stop,
            _ when atStart => _firstWords[random % (ulong)_firstWords.Length],
            _ => _words[element][random % (ulong)_words[element].Length],
        };
    }

    private static int[][] Words(ITokenizer tokenizer, string words) =>
        [.. words.Split(' ').Select(word => Tokens(tokenizer, " " + word))];

    private static int[] Tokens(ITokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return [.. tokens];
    }
}
