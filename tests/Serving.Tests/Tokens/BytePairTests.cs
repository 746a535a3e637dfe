using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Serving.Tokens.Bpe;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Serving.Tests.Tokens;

public sealed class BytePairTests
{
    private static readonly string[] s_merges = ["h e", "l l", "he ll", "hell o", "Ġ w", "Ġw o", "r l", "a b", "ab c", "b c"];

    [Fact]
    public void Words_AreMergedInTheOrderOfTheRanks()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges));

        Assert.Equal(["hello", " wo", "rl", "d"], Pieces(tokenizer, "hello world"));
        // "a b" comes before "b c".
        Assert.Equal(["abc", "ab", "b"], Pieces(tokenizer, "abcabb"));
        // No token spans two words.
        Assert.Equal(["he", "l", " ", "l", "o"], Pieces(tokenizer, "hel lo"));
    }

    [Fact]
    public void Merges_ComeAsTextsOrAsPairs()
    {
        var pairs = TokenizerFile.Make(s_merges);
        pairs["model"]!["merges"] = new JsonArray([.. s_merges.Select(merge => (JsonNode)new JsonArray([.. merge.Split(' ').Select(part => (JsonNode)part)]))]);

        Assert.Equal(Ids(Parse(TokenizerFile.Make(s_merges)), "hello world abc"), Ids(Parse(pairs), "hello world abc"));
    }

    [Fact]
    public void IgnoreMerges_TakesAWordOfTheVocabularyWhole()
    {
        var file = TokenizerFile.Make(s_merges);
        file["model"]!["vocab"]!["cab"] = 300;

        Assert.Equal(["c", "ab"], Pieces(Parse(file), "cab"));
        file["model"]!["ignore_merges"] = true;
        Assert.Equal(["cab"], Pieces(Parse(file), "cab"));
    }

    [Fact]
    public void SpecialTokens_AreFoundInText_TheLongestFirst()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges, ["<|end|>", "<|end|>er", "<"]));
        var end = tokenizer.FindSpecial("<|end|>")!.Value;

        Assert.Equal(["hello", "<|end|>", " wo", "<|end|>er", "<", "|"], Pieces(tokenizer, "hello<|end|> wo<|end|>er<|"));
        Assert.False(tokenizer.IsText(end));
        Assert.True(tokenizer.IsText(0));
        Assert.Null(tokenizer.FindSpecial("hello"));
    }

    [Fact]
    public void Template_BeginsPrompts()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges, TokenizerFile.Llama3Tokens));
        var (with, without) = (new List<int>(), new List<int>());
        tokenizer.EncodePrompt("hello"u8, addSpecialTokens: true, with);
        tokenizer.EncodePrompt("hello"u8, addSpecialTokens: false, without);

        Assert.Equal("<|begin_of_text|>hello", tokenizer.Decode(CollectionsMarshal.AsSpan(with)));
        Assert.Equal([tokenizer.FindSpecial("<|begin_of_text|>")!.Value, .. without], with);
    }

    [Fact]
    public void Nfc_ComposesText_ButNotSpecialTokens()
    {
        var file = TokenizerFile.Make([], ["<|e\u0301|>"]);
        var asIs = Pieces(Parse(file), "e\u0301<|e\u0301|>");
        file["normalizer"] = new JsonObject { ["type"] = "NFC" };

        Assert.Equal(4, asIs.Count);
        Assert.Equal("é<|e\u0301|>", string.Concat(Parse(file).Decode(CollectionsMarshal.AsSpan(Ids(Parse(file), "e\u0301<|e\u0301|>")))));
    }

    [Fact]
    public void AnyBytes_ComeBackUnchanged()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges, ["<|end|>"]));
        for (var seed = 0; seed < 200; seed++)
        {
            var bytes = new byte[seed];
            new Random(seed).NextBytes(bytes);
            var tokens = new List<int>();
            tokenizer.Encode(bytes, tokens);

            Assert.Equal(bytes, tokens.SelectMany(token => BytesOf(tokenizer, token)));
        }
    }

    [Fact]
    public void LongWords_AreMergedByHeapAsByScan()
    {
        var random = new Random(1);
        var merges = new MergeTable(2000);
        for (var rank = 0; rank < 800; rank++)
        {
            merges.Add(random.Next(40 + rank), random.Next(40 + rank), rank, 40 + rank);
        }

        var merger = new WordMerger(merges, new int[256]);
        for (var length = 1; length < 400; length++)
        {
            var word = Enumerable.Range(0, length).Select(_ => random.Next(12)).ToArray();
            var (scanned, heaped, slowly) = (word.ToArray(), word.ToArray(), Slowly(word, merges));

            Assert.Equal(slowly, scanned[..merger.Scan(scanned)]);
            Assert.Equal(slowly, heaped[..merger.Heap(heaped)]);
        }
    }

    [Fact]
    public async Task SameText_OnManyThreads_HasTheSameTokens()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges, TokenizerFile.Llama3Tokens));
        var texts = Enumerable.Range(0, 64).Select(seed => string.Join(' ', Enumerable.Range(0, 2000).Select(i => $"hello{(i * seed) % 977} abc world"))).ToArray();
        var expected = texts.Select(text => Ids(Parse(TokenizerFile.Make(s_merges, TokenizerFile.Llama3Tokens)), text)).ToArray();

        var all = await Task.WhenAll(texts.Concat(texts).Select(text => Task.Run(() => Ids(tokenizer, text))));

        for (var i = 0; i < all.Length; i++)
        {
            Assert.Equal(expected[i % texts.Length], all[i]);
        }
    }

    [Fact]
    public void CutAtABlank_ATextHasTheSameTokens()
    {
        var tokenizer = Parse(TokenizerFile.Make(s_merges));
        const string Text = "hello world, hello abc. hell ab";
        for (var cut = Text.IndexOf(" w", StringComparison.Ordinal); cut > 0; cut = Text.IndexOf(' ', cut + 1))
        {
            Assert.Equal(Ids(tokenizer, Text), [.. Ids(tokenizer, Text[..cut]), .. Ids(tokenizer, Text[cut..])]);
        }
    }

    private static int[] Slowly(int[] word, MergeTable merges)
    {
        var tokens = word.ToList();
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, tokens.Count - 1)).Select(i => (Merge: merges.Find(tokens[i], tokens[i + 1]), At: i)).DefaultIfEmpty((MergeTable.None, 0)).Min();
            if (best.Item1 == MergeTable.None)
            {
                return [.. tokens];
            }

            tokens[best.Item2] = (int)best.Item1;
            tokens.RemoveAt(best.Item2 + 1);
        }
    }

    private static BytePairTokenizer Parse(JsonNode file) => TokenizerJson.Parse(Encoding.UTF8.GetBytes(file.ToJsonString()));

    private static List<int> Ids(BytePairTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return tokens;
    }

    private static List<string> Pieces(BytePairTokenizer tokenizer, string text) => [.. Ids(tokenizer, text).Select(token => Encoding.UTF8.GetString(BytesOf(tokenizer, token)))];

    private static byte[] BytesOf(BytePairTokenizer tokenizer, int token)
    {
        var bytes = new byte[tokenizer.MaxTokenBytes];
        return bytes[..tokenizer.Decode(token, bytes)];
    }
}
