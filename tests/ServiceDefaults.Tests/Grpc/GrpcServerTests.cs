using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http.Features;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>Our server and our client together.</summary>
public sealed class GrpcServerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Calls_WorkWithAndWithoutTls(bool tls)
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(tls ? server.Tls : server.Plain, new GrpcChannelOptions { AcceptAnyCertificate = true });
        using var call = channel.Start(EchoService.Duplex);

        Assert.Equal([1, 2, 3], await channel.UnaryAsync(EchoService.Unary, [1, 2, 3]));
        await call.WriteAsync([4]);
        Assert.True(await call.MoveNextAsync());
        Assert.Equal([4], call.Current);
        await call.CompleteAsync();
        Assert.False(await call.MoveNextAsync());
    }

    [Fact]
    public async Task ManyOpenStreams_ShareOneConnection()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        var calls = new List<GrpcCall<byte[], byte[]>>();

        // More than the hundred that Kestrel would allow by itself.
        for (var i = 0; i < 300; i++)
        {
            var call = channel.Start(EchoService.Duplex);
            calls.Add(call);
            await call.WriteAsync([(byte)i]);
            Assert.True(await Eventually.DoneAsync(call.MoveNextAsync().AsTask()));
        }

        foreach (var call in calls)
        {
            await call.CompleteAsync();
            Assert.False(await call.MoveNextAsync());
            call.Dispose();
        }
    }

    [Fact]
    public async Task Status_ComesWithMessageAndTrailers_WhetherMessagesCameBeforeOrNot()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);

        var atOnce = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Fail, [1]));
        using var call = channel.Start(EchoService.FailLater);
        await call.WriteAsync([5]);
        await call.CompleteAsync();
        Assert.True(await call.MoveNextAsync());
        var later = await Assert.ThrowsAsync<GrpcException>(async () => await call.MoveNextAsync());

        Assert.Equal(new GrpcStatus(GrpcStatusCode.FailedPrecondition, "50% of it: größer\nthan allowed"), atOnce.Status);
        Assert.Equal("none", atOnce.Trailers.Get("retry-pushback"));
        Assert.Equal(new GrpcStatus(GrpcStatusCode.Aborted, "50% of it: größer\nthan allowed"), later.Status);
    }

    [Fact]
    public async Task HandlerThatThrows_IsLoggedOnce_AndTellsTheClientNothing()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Crash, [1]));

        Assert.Equal(new GrpcStatus(GrpcStatusCode.Unknown, "The handler failed."), e.Status);
        var line = Assert.Single(server.Log.All);
        Assert.Contains("/test.Echo/Crash", line, StringComparison.Ordinal);
        Assert.Contains("secret detail", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deadline_CancelsTheHandler()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);

        // Connected first, or the deadline could pass before the server hears of the call.
        _ = await channel.UnaryAsync(EchoService.Unary, []);

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Wait, [], new GrpcCallOptions(TimeSpan.FromSeconds(1))));

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, e.Status.Code);
        await Eventually.DoneAsync(server.Echo.Cancelled.Task);
    }

    [Fact]
    public async Task Deadline_OfAClientWithoutClock_IsKeptByTheServer()
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);

        using var response = await http.PostAsync("/test.Echo/Wait", "application/grpc", [0, 0, 0, 0, 0], ("grpc-timeout", "200m"));
        _ = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Deadline_ThatCannotBeRead_IsRefused()
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);

        using var response = await http.PostAsync("/test.Echo/Unary", "application/grpc", [0, 0, 0, 0, 0], ("grpc-timeout", "soon"));

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task ClientThatCancels_CancelsTheHandler()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        using var cancel = new CancellationTokenSource();
        var call = channel.UnaryAsync(EchoService.Wait, [], cancellationToken: cancel.Token);
        await Eventually.DoneAsync(server.Echo.Waiting.Task);

        await cancel.CancelAsync();

        await Eventually.DoneAsync(server.Echo.Cancelled.Task);
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(server.Log.All);
    }

    [Fact]
    public async Task ClientsThatResetTheirStreams_AreNoFailures()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);

        await Parallel.ForAsync(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, cancellation) =>
        {
            using var call = channel.Start(EchoService.Duplex, cancellationToken: cancellation);
            await call.WriteAsync([1], cancellationToken: cancellation);
            Assert.True(await Eventually.DoneAsync(call.MoveNextAsync(cancellation).AsTask()));
        });

        // Ends when the last handler has ended.
        await Eventually.DoneAsync(server.StopAsync());
        Assert.Empty(server.Log.All);
    }

    [Fact]
    public async Task ReadThatFailsBeforeTheCallIsCancelled_IsNoFailureEither()
    {
        // Which of the two comes first is a race in Kestrel; here the read always does.
        await using var server = await GrpcServer.StartAsync(before: context => context.Features.Set<IRequestBodyPipeFeature>(new BodyOfAResetStream()));
        using var channel = new GrpcChannel(server.Plain);

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Unary, [1]));

        Assert.Equal(GrpcStatusCode.Cancelled, e.Status.Code);
        Assert.Empty(server.Log.All);
    }

    [Fact]
    public async Task MessageAboveTheLimit_EndsTheCall_InBothDirections()
    {
        await using var server = await GrpcServer.StartAsync(new GrpcServerOptions { MaxReceiveMessageSize = 100_000, MaxSendMessageSize = 50_000 });
        using var channel = new GrpcChannel(server.Plain);

        var received = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Unary, new byte[10_000_000]));
        var sent = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Unary, new byte[60_000]));

        Assert.Equal(new GrpcStatus(GrpcStatusCode.ResourceExhausted, "The message has 10000000 bytes; the limit is 100000."), received.Status);
        Assert.Equal(GrpcStatusCode.ResourceExhausted, sent.Status.Code);
        Assert.Equal(50_000, (await channel.UnaryAsync(EchoService.Unary, new byte[50_000])).Length);
    }

    [Fact]
    public async Task UnknownMethod_IsUnimplemented_InHeadersAlone()
    {
        await using var server = await GrpcServer.StartAsync();
        using var http = new RawHttp2(server.Plain);

        using var response = await http.PostAsync("/no.Such/Method", "application/grpc", [0, 0, 0, 0, 0]);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(response.TrailingHeaders);
    }

    [Fact]
    public async Task TraceParent_BecomesTheParentOfTheHandler()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();

        _ = await channel.UnaryAsync(EchoService.Unary, [1]);

        Assert.Equal(caller.Id, server.Echo.TraceParent);
    }

    [Fact]
    public async Task Span_NamesTheMethod_AndTellsTheStatus()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        var ended = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Other tests run beside this one.
                if (span.TraceId == caller.TraceId)
                {
                    _ = ended.TrySetResult(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        _ = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoService.Crash, [1]));

        var span = await Eventually.DoneAsync(ended.Task);
        Assert.Equal("test.Echo/Crash", span.DisplayName);
        Assert.Equal(caller.SpanId, span.ParentSpanId);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal((int)GrpcStatusCode.Unknown, span.GetTagItem("rpc.grpc.status_code"));
    }

    [Fact]
    public async Task Health_IsTold_AndWatchesEndWhenTheServerStops()
    {
        await using var server = await GrpcServer.StartAsync();
        server.Health[""] = ServingStatus.Serving;
        using var channel = new GrpcChannel(server.Plain);
        using var watch = channel.Start(HealthCheck.Watch);
        await watch.WriteAsync(new HealthCheckRequest(""));
        await watch.CompleteAsync();
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(ServingStatus.Serving, watch.Current.Status);
        Assert.Equal(ServingStatus.Serving, (await channel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(""))).Status);
        Assert.Equal(GrpcStatusCode.NotFound, (await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest("nobody")))).Status.Code);

        server.Health.SetAll(ServingStatus.NotServing);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(ServingStatus.NotServing, watch.Current.Status);
        var stopping = server.StopAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(async () => await watch.MoveNextAsync());
        Assert.Equal(GrpcStatusCode.Unavailable, e.Status.Code);
        await Eventually.DoneAsync(stopping);
    }

    [Fact]
    public async Task Metadata_IsReadAndTrailersAreWritten()
    {
        await using var server = await GrpcServer.StartAsync();
        using var channel = new GrpcChannel(server.Plain);
        var metadata = new GrpcMetadata();
        metadata.AddBinary("token-bin", [0, 255]);
        metadata.Add("say", "hi");
        using var call = channel.Start(EchoService.Unary, new GrpcCallOptions(Metadata: metadata));

        await call.WriteAsync(Encoding.ASCII.GetBytes("x"));
        await call.CompleteAsync();
        Assert.True(await call.MoveNextAsync());
        Assert.False(await call.MoveNextAsync());

        Assert.Equal([0, 255], call.Trailers.GetBinary("token-bin"));
        Assert.Equal("hi", call.Trailers.Get("said"));
    }

    private sealed class BodyOfAResetStream : IRequestBodyPipeFeature
    {
        private readonly Pipe _pipe = new();

        public BodyOfAResetStream() => _pipe.Writer.Complete(new IOException("The client reset the request stream."));

        public PipeReader Reader => _pipe.Reader;
    }
}
