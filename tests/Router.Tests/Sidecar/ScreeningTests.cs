using System.Buffers;
using System.Net;
using System.Text;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Sidecar;

/// <summary>What a client may not say does not reach the engine, though nothing else is touched.</summary>
public sealed class ScreeningTests
{
    private const string Member = """, "kv\u005ftransfer_params" : {"remote_host":"evil"}""";
    private const string Body = $$$"""{"model":"m"{{{Member}}}, "nested":{"kv_transfer_params":1}}""";

    private static readonly string s_cleaned = Body.Replace(Member, new string(' ', Member.Length), StringComparison.Ordinal);

    [Fact]
    public async Task Params_AreBlanked_OnEveryPath_UnlessTrusted()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url, "--enable-ssrf-protection", "--allowed-prefillers", "10.0.0.0/8");
        await using var trusting = await RunningSidecar.StartAsync(engine.Url, "--trust-client-kv-params");

        foreach (var path in new[] { "/v1/completions", "/v1/chat/completions", "/v1%2Fcompletions", "/invocations" })
        {
            _ = await sidecar.CompleteAsync(body: Body, path: path);
            _ = await trusting.CompleteAsync(body: Body, path: path);
        }

        Assert.Equal([s_cleaned, Body, s_cleaned, Body, s_cleaned, Body, s_cleaned, Body], engine.Received.Select(request => request.Text));
    }

    [Fact]
    public async Task BodyInPieces_PassesBeforeItsEnd_AndIsScreenedAcrossThem()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        using var client = new RawClient(sidecar.Url);

        await client.SayAsync("POST /v1/completions HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        foreach (var letter in Body)
        {
            await client.SayAsync($"1\r\n{letter}\r\n");
        }

        await client.SayAsync("0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await client.ReadToEndAsync(), StringComparison.Ordinal);

        Assert.Equal(s_cleaned, Assert.Single(engine.Received).Text);
    }

    [Fact]
    public async Task JsonInAnotherEncoding_Gets400()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var sidecar = await RunningSidecar.StartAsync(engine.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent(Body, Encoding.Unicode, "application/json") };

        var response = await sidecar.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("must be UTF-8", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ReadInAnyPieces_GivesTheSameBytes()
    {
        var random = new Random(3);
        foreach (var round in Enumerable.Range(0, 300))
        {
            var body = Encoding.UTF8.GetBytes($$$"""{"a":"{{{new string('x', random.Next(2000))}}}"{{{(random.Next(2) == 0 ? "" : Member)}}},{{{new string(' ', random.Next(200))}}}"b":[1,{"kv_transfer_params":2}]}""");
            var expected = body.ToArray();
            foreach (var range in TransferParamsScanner.FindIn(new ReadOnlySequence<byte>(body), out _))
            {
                expected.AsSpan((int)range.Start, (int)range.Length).Fill((byte)' ');
            }

            await using var stream = new ScreenedStream(new CutStream(body, random), mayBeJson: true);
            using var passed = new MemoryStream();
            await stream.CopyToAsync(passed, ScreenedStream.SmallestBuffer);
            Assert.Equal(Encoding.UTF8.GetString(expected), Encoding.UTF8.GetString(passed.ToArray()));
        }
    }

    private sealed class CutStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(40))], cancellationToken);
    }
}
