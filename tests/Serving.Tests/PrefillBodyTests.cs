using System.Buffers;
using System.Text;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.Tests;

public sealed class PrefillBodyTests
{
    private const string Wish =
        "\"kv_transfer_params\":{\"do_remote_decode\":true,\"do_remote_prefill\":false,\"remote_engine_id\":null,\"remote_block_ids\":null,\"remote_host\":null,\"remote_port\":null}";

    public static TheoryData<string, string, string> Cases => new()
    {
        { "/v1/completions", """{"prompt":"x"}""", """{"prompt":"x","max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", "{}", """{"max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", """{ "max_tokens" : 50 , "stream":true,"prompt":"é\u00e9 \"max_tokens\":9" }""", """{ "max_tokens" : 1 , "stream":false,"prompt":"é\u00e9 \"max_tokens\":9" ,WISH}""" },
        { "/v1/chat/completions", """{"max_completion_tokens":7,"min_tokens":5,"messages":[{"max_tokens":3}]}""", """{"max_completion_tokens":1,"min_tokens":1,"messages":[{"max_tokens":3}],"max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", """{"min_tokens":0,"prompt":"x","max_tokens":null}""", """{"min_tokens":0,"prompt":"x","max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", """{"stream_options":{"include_usage":true},"stream":true,"prompt":"x"}""", """{"stream":false,"prompt":"x","max_tokens":1,WISH}""" },
        { "/v1/completions", """{"prompt":"x", "stream_options":{"a":[1]} , "stream":true}""", """{"prompt":"x" , "stream":false,"max_tokens":1,WISH}""" },
        { "/v1/completions", """{"stream_options":null}""", """{"max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", """{"kv_transfer_params":{"remote_host":"evil"},"stream_options":{},"a":1}""", """{"a":1,"max_tokens":1,"stream":false,WISH}""" },
        { "/v1/completions", """{"max_tokens":5,"a":1,"max_tokens":9}""", """{"max_tokens":1,"a":1,"max_tokens":1,"stream":false,WISH}""" },
        { "/v1/responses", """{"input":"x","max_output_tokens":9}""", """{"input":"x","max_output_tokens":1,"stream":false,WISH}""" },
        { "/v1/responses", """{"input":"x"}""", """{"input":"x","max_output_tokens":1,"stream":false,WISH}""" },
        { "/inference/v1/generate", """{"sampling_params":{"min_tokens":4,"temperature":0.50},"token_ids":[1]}""", """{"sampling_params":{"min_tokens":1,"temperature":0.50,"max_tokens":1},"token_ids":[1],"stream":false,WISH}""" },
        { "/inference/v1/generate", """{"token_ids":[1],"sampling_params":{"max_tokens":4}}""", """{"token_ids":[1],"sampling_params":{"max_tokens":1},"stream":false,WISH}""" },
        { "/inference/v1/generate", """{"token_ids":[1]}""", """{"token_ids":[1],"sampling_params":{"max_tokens":1},"stream":false,WISH}""" },
        { "/inference/v1/generate", """{"sampling_params":null}""", """{"sampling_params":{"max_tokens":1},"stream":false,WISH}""" },
        { "/v1/completions", """{"n":1,"echo":false,"prompt_logprobs":null,"best_of":1}""", """{"n":1,"echo":false,"prompt_logprobs":null,"best_of":1,"max_tokens":1,"stream":false,WISH}""" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Edits_AskForOneTokenAndKeepEveryOtherByte(string path, string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var random = new Random(3);
        for (var round = 0; round < 20; round++)
        {
            var pieces = Segments.Split(bytes, random);

            var edited = SplicedBody.Apply(pieces, PrefillBody.EditsFor(pieces, path)!);

            Assert.Equal(expected.Replace("WISH", Wish, StringComparison.Ordinal), Encoding.UTF8.GetString(edited.ToArray()));
            Assert.Equal(edited.ToArray().Length, edited.Length);
        }
    }

    [Theory]
    [InlineData("""{"n":2}""")]
    [InlineData("""{"best_of":3}""")]
    [InlineData("""{"echo":true}""")]
    [InlineData("""{"prompt_logprobs":0}""")]
    public void Requests_ThatOneEngineMustServe_AreNotSplit(string body) =>
        Assert.Null(PrefillBody.EditsFor(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), "/v1/completions"));

    [Theory]
    [InlineData("""{"id":"x","kv_transfer_params":{"remote_block_ids":[[1,2]],"x":1.50}}""", """{"remote_block_ids":[[1,2]],"x":1.50}""")]
    [InlineData("""{"kv_transfer_params":null,"a":1}""", null)]
    [InlineData("""{"choices":[{"kv_transfer_params":{"a":1}}]}""", null)]
    public void Params_AreFoundAsTheyStand(string answer, string? expected)
    {
        Assert.True(KvTransferParams.TryFind(Encoding.UTF8.GetBytes(answer), out var found));
        Assert.Equal(expected, found is { } value ? Encoding.UTF8.GetString(value.Span) : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"kv_transfer_params":{"a":1}""")]
    [InlineData("{} {}")]
    public void Answers_ThatAreNoObject_AreCalledSo(string answer) =>
        Assert.False(KvTransferParams.TryFind(Encoding.UTF8.GetBytes(answer), out _));

    [Theory]
    [InlineData("""{ "prompt":"x" }""", """{ "prompt":"x" ,"kv_transfer_params":{"p":1}}""")]
    [InlineData("""{"kv_transfer_params":{"remote_host":"evil"},"prompt":"x"}""", """{"prompt":"x","kv_transfer_params":{"p":1}}""")]
    [InlineData("{}", """{"kv_transfer_params":{"p":1}}""")]
    public void Params_AreAddedToTheClientsBody(string body, string expected)
    {
        var bytes = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body));

        var edited = SplicedBody.Apply(bytes, KvTransferParams.EditsFor(bytes, "{\"p\":1}"u8.ToArray()));

        Assert.Equal(expected, Encoding.UTF8.GetString(edited.ToArray()));
    }
}
