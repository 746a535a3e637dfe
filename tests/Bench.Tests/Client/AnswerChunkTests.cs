using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Tests.Client;

public sealed class AnswerChunkTests
{
    [Theory]
    [InlineData("""{"choices":[{"index":0,"text":"hi","logprobs":{"text":"no"},"finish_reason":null}],"usage":null}""", true, "hi", null, null)]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":""}}]}""", true, "", null, null)]
    [InlineData("""{"choices":[{"delta":{"content":"hi"}},{"delta":{"content":"no"}}]}""", true, "hi", null, null)]
    [InlineData("""{"choices":[{"delta":{"content":null,"reasoning":"no"}}]}""", true, "", null, null)]
    [InlineData("""{"choices":[{"text":"\u00e9\n\""}]}""", true, "\u00e9\n\"", null, null)]
    [InlineData("""{"choices":[{"text":"\ud83d"}]}""", true, "\uFFFD", null, null)]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}}""", false, "", 5, 7)]
    [InlineData("""{"choices":[{"text":"a"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}""", true, "a", 5, 1)]
    [InlineData("""{"choices":null,"usage":{"prompt_tokens":"x"}}""", false, "", null, null)]
    [InlineData("""{"error":{"choices":[{"text":"no"}]}}""", false, "", null, null)]
    [InlineData("""{"choices":[7],"x":{"y":[{}]}}""", true, "", null, null)]
    [InlineData("{}", false, "", null, null)]
    public void Read_TakesWhatCounts(string json, bool hasChoices, string text, int? prompt, int? completion)
    {
        var output = new ArrayBufferWriter<byte>();

        var chunk = AnswerChunk.Read(Encoding.UTF8.GetBytes(json), output);

        Assert.Equal(new AnswerChunk(hasChoices, prompt, completion), chunk);
        Assert.Equal(text, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("oops")]
    [InlineData("""{"choices":[""")]
    [InlineData("{} {}")]
    public void Read_WhatIsNoObject_Throws(string json) =>
        Assert.ThrowsAny<JsonException>(() => AnswerChunk.Read(Encoding.UTF8.GetBytes(json), new ArrayBufferWriter<byte>()));

    [Fact]
    public void DamagedJson_GivesJsonExceptionsAndNothingElse()
    {
        var whole = """{"id":"x","choices":[{"index":0,"delta":{"content":"h\u00e9i"}}],"usage":{"prompt_tokens":5,"completion_tokens":7}}"""u8.ToArray();
        var random = new Random(5);
        for (var round = 0; round < 5000; round++)
        {
            var damaged = whole.ToArray();
            for (var i = 0; i < random.Next(1, 4); i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var part = damaged.AsSpan(0, random.Next(damaged.Length + 1)).ToArray();
            try
            {
                _ = AnswerChunk.Read(part, new ArrayBufferWriter<byte>());
            }
            catch (JsonException)
            {
                // Refused, as it may be.
            }
        }
    }
}
