using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Serving.Tokens.Bpe;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Serving.Tests.Tokens;

/// <summary>What a tokenizer.json may not hold is named in one line.</summary>
public sealed class TokenizerRefusalTests
{
    [Theory]
    [InlineData("model.type", "\"Unigram\"", "model.type is Unigram")]
    [InlineData("model", "null", "no model")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "continuing_subword_prefix is '##'")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("model.byte_fallback", "true", "byte_fallback")]
    [InlineData("model.dropout", "0.1", "dropout")]
    [InlineData("model.vocab", "[]", "model.vocab")]
    [InlineData("model.vocab.▁the", "300", "'▁the'")]
    [InlineData("model.vocab.zz", "5", "id 5 is given twice")]
    [InlineData("model.vocab.zz", "-1", "the id of 'zz'")]
    [InlineData("model.vocab.zz", "99999999", "the id of 'zz'")]
    [InlineData("model.vocab.!", null, "no token for byte 33")]
    [InlineData("model.merges", "{}", "model.merges")]
    [InlineData("model.merges", "[\"ab\"]", "merge 0 is no pair")]
    [InlineData("model.merges", "[\"a b\",\"x y\"]", "merge 1 names 'xy'")]
    [InlineData("model.merges", "[[\"a\"]]", "merge 0 is no pair")]
    [InlineData("model.ignore_merges", "3", "another type")]
    [InlineData("normalizer", """{"type":"Lowercase"}""", "normalizer Lowercase")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Prepend"}]}""", "normalizer Prepend")]
    [InlineData("pre_tokenizer", "null", "no ByteLevel")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace"}""", "pre_tokenizer Metaspace")]
    [InlineData("pre_tokenizer", """{"type":"ByteLevel","add_prefix_space":true}""", "add_prefix_space")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}""", "pre_tokenizer Digits comes after ByteLevel")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a"},"behavior":"Removed"},{"type":"ByteLevel"}]}""", "behavior Removed")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a"},"behavior":"Isolated","invert":true},{"type":"ByteLevel"}]}""", "invert")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a++b"},"behavior":"Isolated"},{"type":"ByteLevel"}]}""", "the pattern")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Split","behavior":"Isolated"},{"type":"ByteLevel"}]}""", "no pattern")]
    [InlineData("post_processor", """{"type":"BertProcessing"}""", "post_processor BertProcessing")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}""", "names 'x'")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"A"}}]}""", "twice")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[]}""", "no place for the text")]
    [InlineData("decoder", """{"type":"Metaspace"}""", "decoder Metaspace")]
    [InlineData("added_tokens", """[{"id":300,"content":"<x>","lstrip":true}]""", "'<x>' has lstrip")]
    [InlineData("added_tokens", """[{"id":"x","content":"<x>"}]""", "the id of '<x>'")]
    [InlineData("added_tokens", """[{"id":1}]""", "no content")]
    public void Part_ThatIsNotKnown_IsNamed(string path, string? value, string said)
    {
        var file = TokenizerFile.Make(["a b"]);
        var names = path.Split('.');
        var owner = (JsonObject)names[..^1].Aggregate((JsonNode)file, (node, name) => node[name]!);
        _ = owner.Remove(names[^1]);
        if (value is not null)
        {
            owner[names[^1]] = JsonNode.Parse(value);
        }

        var refusal = Assert.Throws<TokenizerFileException>(() => TokenizerJson.Parse(Encoding.UTF8.GetBytes(file.ToJsonString())));

        Assert.Contains(said, refusal.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Reason);
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "no model")]
    [InlineData("7", "no model")]
    public void File_ThatIsNone_IsRefused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<TokenizerFileException>(() => TokenizerJson.Parse(Encoding.UTF8.GetBytes(text))).Reason, StringComparison.Ordinal);

    [Fact]
    public void File_ThatIsAway_IsNamedWithTheRemedy()
    {
        var refusal = Assert.Throws<TokenizerFileException>(() => Tokenizers.Load("/no/such/tokenizer.json"));

        Assert.Equal("The tokenizer file /no/such/tokenizer.json cannot be used: there is no such file; give builtin, or the path of a tokenizer.json.", refusal.Message);
        Assert.Same(BuiltinTokenizer.Instance, Tokenizers.Load("builtin"));
    }

    [Fact]
    public void DamagedFiles_NeverEndOtherwiseThanInARefusal()
    {
        var whole = Encoding.UTF8.GetBytes(TokenizerFile.Make(["a b", "ab c"], TokenizerFile.Llama3Tokens).ToJsonString());
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var damaged = whole.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(32, 127);
            }

            try
            {
                var tokenizer = TokenizerJson.Parse(damaged);
                tokenizer.Encode("abc<|eot_id|> d"u8, []);
            }
            catch (TokenizerFileException)
            {
                // As it should be.
            }
        }
    }
}
