using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Grpc;

/// <summary>Our client against Google's own server.</summary>
public sealed class GrpcCallTests
{
    [Fact]
    public async Task Unary_ManyAtOnce_EachGetsItsOwnAnswer()
    {
        await using var server = await PythonServer.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => server.Channel.UnaryAsync(PythonServer.Unary, Encoding.ASCII.GetBytes($"{i}"))));

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), answers.Select(Encoding.ASCII.GetString));
    }

    [Fact]
    public async Task Unary_EmptyMessage_IsAMessage()
    {
        await using var server = await PythonServer.StartAsync();

        Assert.Empty(await server.Channel.UnaryAsync(PythonServer.Unary, []));
    }

    [Fact]
    public async Task Unary_MetadataAndTraceParent_TravelBothWays()
    {
        await using var server = await PythonServer.StartAsync();
        var token = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var metadata = new GrpcMetadata();
        metadata.AddBinary("token-bin", token);
        metadata.Add("say", "hi there");
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var call = server.Channel.Start(PythonServer.Unary, new GrpcCallOptions(Metadata: metadata));

        await call.WriteAsync([1]);
        await call.CompleteAsync();
        var headers = await call.GetHeadersAsync();
        while (await call.MoveNextAsync())
        {
        }

        Assert.Equal("hi there", headers.Get("seen"));
        Assert.Equal(token, call.Trailers.GetBinary("token-bin"));
        Assert.Equal(activity.Id, call.Trailers.Get("trace"));
    }

    [Fact]
    public async Task Duplex_AThousandMessagesEachWay_ArriveInOrder()
    {
        await using var server = await PythonServer.StartAsync();
        using var call = server.Channel.Start(PythonServer.Duplex);

        var sending = SendAsync();
        var lengths = new List<int>();
        while (await call.MoveNextAsync())
        {
            lengths.Add(call.Current.Length);
        }

        await sending;
        Assert.Equal(Enumerable.Range(0, 1000), lengths);

        async Task SendAsync()
        {
            for (var i = 0; i < 1000; i++)
            {
                await call.WriteAsync(new byte[i], more: i % 3 == 0);
            }

            await call.CompleteAsync();
        }
    }

    [Fact]
    public async Task Duplex_EachMessageAfterTheAnswerToTheOneBefore_NeitherSideWaitsForTheEnd()
    {
        await using var server = await PythonServer.StartAsync();
        using var call = server.Channel.Start(PythonServer.Duplex);

        for (var i = 0; i < 200; i++)
        {
            await call.WriteAsync([(byte)i]);
            Assert.True(await call.MoveNextAsync());
            Assert.Equal([(byte)i], call.Current);
        }

        await call.CompleteAsync();
        Assert.False(await call.MoveNextAsync());
        Assert.False(await call.MoveNextAsync());
    }

    [Fact]
    public async Task LargeMessage_ArrivesWhole()
    {
        await using var server = await PythonServer.StartAsync();
        var body = new byte[3 * 1024 * 1024];
        new Random(1).NextBytes(body);

        Assert.Equal(body, await server.Channel.UnaryAsync(PythonServer.Unary, body));
    }

    [Fact]
    public async Task MessageAboveTheLimit_EndsTheCall_AndOnlyThatCall()
    {
        await using var server = await PythonServer.StartAsync(new GrpcChannelOptions { MaxReceiveMessageSize = 1000, MaxSendMessageSize = 2000 });

        var received = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(PythonServer.Method("Big"), "1001"u8.ToArray()));
        var sent = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(PythonServer.Unary, new byte[2001]));

        Assert.Equal(new GrpcStatus(GrpcStatusCode.ResourceExhausted, "The message has 1001 bytes; the limit is 1000."), received.Status);
        Assert.Equal(new GrpcStatus(GrpcStatusCode.ResourceExhausted, "The message to send has 2001 bytes; the limit is 2000."), sent.Status);
        Assert.Equal(1000, (await server.Channel.UnaryAsync(PythonServer.Method("Big"), "1000"u8.ToArray())).Length);
    }

    [Fact]
    public async Task Status_ComesWithMessageAndTrailers()
    {
        await using var server = await PythonServer.StartAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(PythonServer.Method("Fail"), []));

        Assert.Equal(new GrpcStatus(GrpcStatusCode.FailedPrecondition, "50% of it: größer\nthan allowed"), e.Status);
        Assert.Equal("none", e.Trailers.Get("retry-pushback"));
    }

    [Fact]
    public async Task StatusAfterMessages_ComesAfterThem()
    {
        await using var server = await PythonServer.StartAsync();
        using var call = server.Channel.Start(PythonServer.Method("FailLater"));
        await call.WriteAsync([7]);
        await call.CompleteAsync();

        Assert.True(await call.MoveNextAsync());
        var e = await Assert.ThrowsAsync<GrpcException>(async () => await call.MoveNextAsync());

        Assert.Equal(new GrpcStatus(GrpcStatusCode.Aborted, "after all"), e.Status);
    }

    [Fact]
    public async Task ServerThatReadsNothing_TellsItsStatusAllTheSame()
    {
        await using var server = await PythonServer.StartAsync();
        using var call = server.Channel.Start(PythonServer.Method("Refuse"));

        var e = await Assert.ThrowsAsync<GrpcException>(async () => await call.MoveNextAsync());

        Assert.Equal(new GrpcStatus(GrpcStatusCode.Unauthenticated, "not you"), e.Status);
        _ = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
            {
                await call.WriteAsync(new byte[100_000]);
            }
        });
    }

    [Fact]
    public async Task UnknownMethod_IsUnimplemented()
    {
        await using var server = await PythonServer.StartAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(PythonServer.Method("Nothing"), []));

        Assert.Equal(GrpcStatusCode.Unimplemented, e.Status.Code);
    }

    [Fact]
    public async Task Timeout_EndsTheCallOnBothSides()
    {
        await using var server = await PythonServer.StartAsync();
        // Connected first, or the deadline could pass before the server hears of the call.
        _ = await server.Channel.UnaryAsync(PythonServer.Unary, []);

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => server.Channel.UnaryAsync(PythonServer.Method("Wait"), [], new GrpcCallOptions(TimeSpan.FromSeconds(1))));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.Status.Code);
        await server.SaysAsync("cancelled");
    }

    [Fact]
    public async Task Timeout_IsToldToTheServer()
    {
        await using var server = await PythonServer.StartAsync();

        var left = await server.Channel.UnaryAsync(PythonServer.Method("Deadline"), [], new GrpcCallOptions(TimeSpan.FromSeconds(1000)));

        Assert.InRange(int.Parse(Encoding.ASCII.GetString(left), System.Globalization.CultureInfo.InvariantCulture), 900_000, 1_000_000);
    }

    [Fact]
    public async Task Token_CancelsTheServersHandler()
    {
        await using var server = await PythonServer.StartAsync();
        using var cancel = new CancellationTokenSource();
        var call = server.Channel.UnaryAsync(PythonServer.Method("Wait"), [], cancellationToken: cancel.Token);
        await server.SaysAsync("waiting");

        await cancel.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, e.CancellationToken);
        await server.SaysAsync("cancelled");
    }

    [Fact]
    public async Task DisposingAnOpenCall_CancelsTheServersHandler()
    {
        await using var server = await PythonServer.StartAsync();
        var call = server.Channel.Start(PythonServer.Method("WaitAll"));
        await call.WriteAsync([1]);
        Assert.True(await call.MoveNextAsync());

        call.Dispose();

        await server.SaysAsync("cancelled");
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.WriteAsync([2]));
    }

    [Fact]
    public async Task ServerThatDies_IsUnavailable_AndSoIsOneThatNeverWas()
    {
        await using var server = await PythonServer.StartAsync();
        using var call = server.Channel.Start(PythonServer.Method("Duplex"));
        await call.WriteAsync([1]);
        Assert.True(await call.MoveNextAsync());

        await server.KillAsync();

        var during = await Assert.ThrowsAsync<GrpcException>(async () => await call.MoveNextAsync());
        var after = await Assert.ThrowsAsync<GrpcException>(() => server.Channel.UnaryAsync(PythonServer.Unary, []));
        Assert.Equal(GrpcStatusCode.Unavailable, during.Status.Code);
        Assert.Equal(GrpcStatusCode.Unavailable, after.Status.Code);
    }

    [Fact]
    public async Task Tls_SelfSigned_NeedsToBeAccepted()
    {
        using var files = new CertificateFiles();
        await using var trusting = await PythonServer.StartAsync(new GrpcChannelOptions { AcceptAnyCertificate = true }, files.Certificate, files.Key);
        await using var strict = await PythonServer.StartAsync(options: null, files.Certificate, files.Key);

        Assert.Equal([1, 2], await trusting.Channel.UnaryAsync(PythonServer.Unary, [1, 2]));
        var e = await Assert.ThrowsAsync<GrpcException>(() => strict.Channel.UnaryAsync(PythonServer.Unary, [1, 2]));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Status.Code);
    }

    private sealed class CertificateFiles : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("llmd-tls-").FullName;

        public CertificateFiles()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = new CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(Certificate, certificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        public string Certificate => Path.Combine(_folder, "certificate.pem");

        public string Key => Path.Combine(_folder, "key.pem");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
