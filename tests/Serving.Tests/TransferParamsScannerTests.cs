using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.Tests;

public sealed class TransferParamsScannerTests
{
    private const string Evil = """{"remote_host":"h","a":[{"b":"}],{\"kv_transfer_params\""}]}""";

    [Theory]
    [InlineData("""{"kv_transfer_params":EVIL}""", "{}")]
    [InlineData("""{"kv_transfer_params":EVIL,"x":1}""", """{"x":1}""")]
    [InlineData("""{"x":1,"kv_transfer_params":EVIL}""", """{"x":1}""")]
    [InlineData("""{"x":1 , "kv_transfer_params" : EVIL , "y":2}""", """{"x":1,"y":2}""")]
    [InlineData("""{"kv_transfer_params":1,"kv_transfer_params":"2","x":1}""", """{"x":1}""")]
    [InlineData("""{"x":1,"kv_transfer_params":null,"kv_transfer_params":EVIL,"y":1}""", """{"x":1,"y":1}""")]
    [InlineData("""{"kv_transfer_params":1,"kv_transfer_params":2}""", "{}")]
    [InlineData("""{"kv\u005ftransfer_params":EVIL,"x":1,"\u006b\u0076\u005F\u0074\u0072\u0061\u006e\u0073\u0066\u0065\u0072\u005f\u0070\u0061\u0072\u0061\u006d\u0073":2}""", """{"x":1}""")]
    [InlineData("""{"x":"\\","kv_transfer_params":EVIL,"y":"\"kv_transfer_params\":1"}""", """{"x":"\\","y":"\"kv_transfer_params\":1"}""")]
    [InlineData("""{"x":1,"ec_transfer_params":EVIL}""", """{"x":1}""")]
    [InlineData("""{"vllm_xargs":{"kv_transfer_params":"x","a":1},"x":1}""", """{"vllm_xargs":{"a":1},"x":1}""")]
    [InlineData("""{"sampling_params":{"n":1,"extra\u005fargs":{"a":1,"kv_transfer_params":EVIL}},"x":1}""", """{"sampling_params":{"n":1,"extra\u005fargs":{"a":1}},"x":1}""")]
    [InlineData("""{"sampling_params":{"extra_args":{"kv_transfer_params":1},"extra_args":{"kv_transfer_params":EVIL}},"kv_transfer_params":1}""", """{"sampling_params":{"extra_args":{},"extra_args":{}}}""")]
    public void WhatNamesHosts_Goes_WithItsCommaAndNothingElse(string body, string left)
    {
        body = body.Replace("EVIL", Evil, StringComparison.Ordinal);

        foreach (var seed in Enumerable.Range(0, 20))
        {
            var blanked = Blanked(body, new Random(seed));
            Assert.Equal(left, Squeezed(blanked));
            Assert.Equal(body.Length, blanked.Length);
        }
    }

    [Theory]
    [InlineData("""{"nested":{"kv_transfer_params":1},"messages":[{"kv_transfer_params":1}],"x":{"vllm_xargs":{"kv_transfer_params":1},"sampling_params":{"extra_args":{"kv_transfer_params":1}}}}""")]
    [InlineData("""{"sampling_params":{"kv_transfer_params":1},"extra_args":{"kv_transfer_params":1},"vllm_xargs":[{"kv_transfer_params":1}]}""")]
    [InlineData("""{"kv_transfer_param":1,"kv_transfer_params2":1,"KV_transfer_params":1,"x":"kv_transfer_params"}""")]
    [InlineData("""{"tools":["kv_transfer_params",{"a":"kv_transfer_params"}], "prompt":"\"kv_transfer_params\":{}, \\"}""")]
    [InlineData("""[{"kv_transfer_params":1}]""")]
    [InlineData("\"kv_transfer_params\"")]
    [InlineData("--boundary {\"kv_transfer_params\":1}")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData(""" {"x":""")]
    public void EverythingElse_Stays(string body)
    {
        foreach (var seed in Enumerable.Range(0, 20))
        {
            Assert.Equal(body, Blanked(body, new Random(seed)));
        }
    }

    [Fact]
    public void WhatOnlyLenientReadersTake_IsReadLikeThem()
    {
        Assert.Equal("\uFEFF{\"a\":NaN,\"b\":-Infinity}", Squeezed(Blanked("\uFEFF{\"a\":NaN,\"kv_transfer_params\":{\"b\":NaN},\"b\":-Infinity}", new Random(1))));
        // A body that ends too early is refused by every reader, but what it names is gone already.
        Assert.Equal("{\"a\":1", Squeezed(Blanked("{\"a\":1,\"kv_transfer_params\":{\"remote_host\":\"h", new Random(1))));
    }

    [Fact]
    public void WiderEncodings_AreTold()
    {
        foreach (var encoding in new Encoding[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(bigEndian: true, byteOrderMark: true) })
        {
            var bytes = encoding.GetBytes("{}");
            foreach (var body in new[] { bytes, [.. encoding.GetPreamble(), .. bytes] })
            {
                var scanner = new TransferParamsScanner();
                foreach (var one in body)
                {
                    scanner.Scan([one]);
                }

                Assert.False(scanner.IsUtf8);
            }
        }

        Assert.All([" ", "é{}", "\uFEFF{}", "--x"], text =>
        {
            var scanner = new TransferParamsScanner();
            scanner.Scan(Encoding.UTF8.GetBytes(text));
            Assert.True(scanner.IsUtf8);
        });
    }

    [Fact]
    public void AnyDocument_CutAnywhere_LosesThemAndKeepsTheRest()
    {
        var random = new Random(4);
        for (var round = 0; round < 3000; round++)
        {
            var document = RandomObject(random, 4);
            var body = document.ToJsonString(new JsonSerializerOptions { WriteIndented = random.Next(2) == 0 });
            RemoveParams(document);

            var whole = Blanked(body, null);

            Assert.Equal(document.ToJsonString(), JsonNode.Parse(whole)!.ToJsonString());
            Assert.Equal(whole, Blanked(body, random));
        }
    }

    [Fact]
    public void PieceThatIsNotSettled_IsShort_HoweverMuchWhiteSpaceThereIs()
    {
        var scanner = new TransferParamsScanner(mostHeld: 256);
        var body = Encoding.UTF8.GetBytes("{\"a\":1," + new string(' ', 5000) + "\"kv_transfer_params\":{},\"b\":1}");
        var held = 0L;
        for (var at = 0; at < body.Length; at++)
        {
            scanner.Scan(body.AsSpan(at, 1));
            held = Math.Max(held, at + 1 - scanner.Settled);
        }

        Assert.InRange(held, 1, 256);
        Fill(body, scanner.TakeFound());
        Assert.Equal("{\"a\":1,\"b\":1}", Squeezed(Encoding.UTF8.GetString(body)));
    }

    // With a random, in pieces of some bytes, each of which is filled when no more than the settled ones may be.
    private static string Blanked(string body, Random? random)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        if (random is null)
        {
            Fill(bytes, TransferParamsScanner.FindIn(new ReadOnlySequence<byte>(bytes), out _));
            return Encoding.UTF8.GetString(bytes);
        }

        var scanner = new TransferParamsScanner();
        for (var at = 0; at < bytes.Length;)
        {
            var settled = scanner.Settled;
            var count = Math.Min(bytes.Length - at, 1 + random.Next(12));
            scanner.Scan(bytes.AsSpan(at, count));
            at += count;
            var found = scanner.TakeFound();
            Assert.All(found, range => Assert.True(range.Start >= settled && range.Start + range.Length <= at));
            Fill(bytes, found);
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private static void Fill(byte[] bytes, IEnumerable<ByteRange> ranges)
    {
        foreach (var range in ranges)
        {
            bytes.AsSpan((int)range.Start, (int)range.Length).Fill((byte)' ');
        }
    }

    private static string Squeezed(string body) => body.Replace(" ", "", StringComparison.Ordinal);

    private static void RemoveParams(JsonObject document)
    {
        foreach (var place in (JsonNode?[])[document, document["vllm_xargs"], document["sampling_params"] is JsonObject sampling ? sampling["extra_args"] : null])
        {
            _ = (place as JsonObject)?.Remove("kv_transfer_params");
            _ = (place as JsonObject)?.Remove("ec_transfer_params");
        }
    }

    private static JsonObject RandomObject(Random random, int depth)
    {
        string[] names = ["kv_transfer_params", "ec_transfer_params", "vllm_xargs", "sampling_params", "extra_args", "prompt", "b\"\\", new string('n', 130)];
        random.Shuffle(names);
        return new JsonObject(names.Where(_ => random.Next(2) == 0).Select(name => KeyValuePair.Create(name, RandomValue(random, depth - 1))));
    }

    private static JsonNode? RandomValue(Random random, int depth) => random.Next(depth > 0 ? 8 : 4) switch
    {
        0 => null,
        1 => random.Next(100000),
        2 => "é\\\" {[\"kv_transfer_params\":1,]} \\",
        3 => true,
        4 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => RandomObject(random, depth),
    };
}
