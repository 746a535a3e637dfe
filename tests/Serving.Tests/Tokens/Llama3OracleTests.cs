using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Serving.Tokens.Bpe;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Serving.Tests.Tokens;

/// <summary>The Llama 3 tokenizer, against npm's llama3-tokenizer-js, whose vocabulary and merges also make the tokenizer.json that is read here.</summary>
public sealed class Llama3OracleTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Peers", "llama3");

    [Fact]
    public async Task EveryText_HasTheIdsOfTheOracle_BothWays()
    {
        await InstallAsync();
        var work = Directory.CreateTempSubdirectory("llama3").FullName;
        var (file, textsFile) = (Path.Combine(work, "tokenizer.json"), Path.Combine(work, "texts.json"));
        string[] texts = [.. Samples(), .. Enumerable.Range(0, 300).Select(RandomText)];
        await File.WriteAllTextAsync(textsFile, JsonSerializer.Serialize(texts));
        var output = await RunAsync("node", "oracle.mjs", file, textsFile);
        var oracle = JsonDocument.Parse(output).RootElement;

        var tokenizer = Tokenizers.Load(file);

        Assert.Equal(128256, tokenizer.VocabularySize);
        for (var i = 0; i < texts.Length; i++)
        {
            var tokens = new List<int>();
            var utf8 = Encoding.UTF8.GetBytes(texts[i]);
            tokenizer.EncodePrompt(utf8, addSpecialTokens: true, tokens);
            var expected = oracle.GetProperty("ids")[i].EnumerateArray().Select(id => id.GetInt32()).ToList();
            Assert.True(expected.SequenceEqual(tokens), $"text {i}: {JsonSerializer.Serialize(texts[i])}\nexpected {string.Join(' ', expected)}\nactual   {string.Join(' ', tokens)}");
            Assert.Equal(texts[i], tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens)[1..]));
            Assert.Equal(oracle.GetProperty("decoded")[i].GetString(), texts[i]);
            Assert.Equal(oracle.GetProperty("nfc")[i].GetString(), Encoding.UTF8.GetString(CanonicalComposition.TryNormalize(utf8, out var composed) ? composed : utf8));
        }

        Directory.Delete(work, recursive: true);
    }

    private static IEnumerable<string> Samples() =>
    [
        "", " ", "Hello, world!", "The quick brown fox jumps over the lazy dog. It's 3 o'clock; we'LL see, they'd said I'M late.",
        "public static int Main(string[] args)\n{\n\treturn args.Length > 0 ? 1 : 0; // 0x1F\n}\n", "def f(x):\n    if x:\n        return {'a': [1, 2, 3]}\n\n\n    pass\r\n",
        "1 12 123 1234 12345678901 3.14159 1e-9 ½ ² Ⅷ ٣٤٥", "   leading and   inner    blanks   \n\n\n and newlines \t\t tabs \r\n\r\n end   ",
        "今日は良い天気ですね。東京都に住んでいます。", "你好，世界！这是一个测试。𠀀𠀁 extension B", "안녕하세요 세계", "Привет, как дела? Ελληνικά. שלום. مرحبا بالعالم",
        "😀 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 text 🎉🎉🎉", "é vs é, ﬁ, Å vs Å, 각 vs 각, ḍ̇", "𝐀𝐁𝐂 𝟏𝟐𝟑 mathematical", "naïve café résumé Straße ǆ ſ",
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>", "<|eot_id|", "a<|eot_id|>b <|reserved_special_token_7|> <|reserved_special_token_300|> <|no|>",
        new string('a', 5000), string.Concat(Enumerable.Repeat("ab", 3000)), new string(' ', 300), new string('\n', 77), new string('=', 500), string.Concat(Enumerable.Repeat("東京", 400)),
        "https://example.com/path?query=1&x=%20#frag", "{\"key\": \"value\", \"n\": [1,2,3]}", "ITOKENIZERS_AND_CamelCase_and_snake_case-and-kebab", "\u0000\u0001\u001f\u007f\u00a0\u00ad\u200b\u2028\u3000",
    ];

    // What every browser's \s and Unicode version agree on: no U+0085 and U+FEFF, nothing added lately.
    private static string RandomText(int seed)
    {
        var random = new Random(seed);
        (int From, int To)[] ranges = [(0x20, 0x7E), (0x20, 0x7E), (0x09, 0x0D), (0x20, 0x20), (0xA0, 0x24F), (0x300, 0x36F), (0x391, 0x3C9), (0x410, 0x44F), (0x1100, 0x11FF), (0x2000, 0x206F), (0x4E00, 0x4FFF), (0xAC00, 0xACFF), (0x1D400, 0x1D454), (0x1F600, 0x1F64F)];
        var text = new StringBuilder();
        var only = random.Next(3) == 0 ? 2 : ranges.Length;
        for (var length = random.Next(1, 120); length > 0; length--)
        {
            var (from, to) = ranges[random.Next(only)];
            var character = random.Next(from, to + 1);
            _ = text.Append(new Rune(character).ToString());
        }

        return text.ToString();
    }

    private static async Task InstallAsync()
    {
        if (!Tool.Exists("node") || !Tool.Exists("npm"))
        {
            Assert.Skip("node and npm are not on PATH");
        }

        if (!Directory.Exists(Path.Combine(s_folder, "node_modules", "llama3-tokenizer-js")))
        {
            try
            {
                _ = await RunAsync("npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
            }
            catch (InvalidOperationException e)
            {
                Assert.Skip($"npm cannot install llama3-tokenizer-js: {e.Message.Split('\n').LastOrDefault(line => line.Length > 0)}");
            }
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, errors) = await Tool.RunAsync(program, arguments, s_folder);
        return code == 0 ? output : throw new InvalidOperationException(errors);
    }
}
