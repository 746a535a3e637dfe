using System.Buffers;
using LlmdAspire.Protocols.ExtProc;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>Requests as Google's protobuf writes them.</summary>
public sealed class ProcessingRequestTests
{
    [Fact]
    public void Headers_AreReadWithEverythingThatComesAlong()
    {
        var request = Vectors.Request(0);

        Assert.Equal(ProcessingStep.RequestHeaders, request.Step);
        Assert.True(request.EndOfStream);
        Assert.True(request.IsObservation);
        Assert.Equal([":path", "x-custom", "bytes"], request.Headers.Select(header => header.Name));
        Assert.Equal("/v1/completions", request.Headers[":path"]);
        Assert.Equal("text", request.Headers["x-custom"]);
        Assert.Equal([0xff, 0x00, 0xfe], request.Headers[2].Value.ToArray());
        Assert.Null(request.Headers["absent"]);
        Assert.Equal(new ProtocolConfiguration(BodySendMode.FullDuplexStreamed, BodySendMode.Buffered, SendsBodyEarly: true), request.Protocol);
    }

    [Fact]
    public void Metadata_IsReadWithAllKindsOfValues()
    {
        var request = Vectors.Request(0);

        foreach (var values in new[] { request.FilterMetadata!["envoy.lb.subset_hint"]!, request.Attributes!["envoy.filters"]! })
        {
            Assert.Equal("t", values["text"]!.Text);
            Assert.Equal(1.5, values["number"]!.Number);
            Assert.True(values["yes"]!.Flag);
            Assert.Equal((StructKind.Flag, false), (values["no"]!.Kind, values["no"]!.Flag));
            Assert.Equal(StructKind.Null, values["none"]!.Kind);
            Assert.Equal([StructKind.Number, StructKind.Text, StructKind.Items, StructKind.Fields], values["list"]!.Items.Select(item => item.Kind));
            Assert.Equal("", values["list"]!.Items[3]["deep"]!.Text);
            Assert.Equal((StructKind.Fields, 0), (values["empty"]!.Kind, values["empty"]!.Fields.Count));
            Assert.Null(values["absent"]);
        }
    }

    [Fact]
    public void Body_IsASliceOfTheMessage()
    {
        var bytes = Vectors.RequestBytes[1];

        var request = Vectors.Requests.Read(new ReadOnlySequence<byte>(bytes));

        Assert.Equal((ProcessingStep.RequestBody, true), (request.Step, request.EndOfStream));
        Assert.Equal([0, 1, 2, 3], request.Body.ToArray());
        Assert.True(request.Body.FirstSpan.Overlaps(bytes));
    }

    [Fact]
    public void Trailers_AreHeadersOfTheirStep()
    {
        var request = Vectors.Request(2);

        Assert.Equal(ProcessingStep.ResponseTrailers, request.Step);
        Assert.Equal(3, request.Headers.Count);
    }

    [Fact]
    public void HeadersOutliveTheMessage()
    {
        var bytes = Vectors.RequestBytes[0].ToArray();

        var request = Vectors.Requests.Read(new ReadOnlySequence<byte>(bytes));
        Array.Clear(bytes);

        Assert.Equal("/v1/completions", request.Headers[":path"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void WrittenAgain_ReadsTheSame(int index)
    {
        var once = Vectors.Write(Vectors.Requests, Vectors.Request(index));

        Assert.Equal(once, Vectors.Write(Vectors.Requests, Vectors.Requests.Read(new ReadOnlySequence<byte>(once))));
    }

    [Fact]
    public void UnknownFields_AreSkipped()
    {
        // Fields 100 (a varint) and 101 (bytes) around a body.
        byte[] bytes = [0xa0, 0x06, 0x05, .. Vectors.RequestBytes[1], 0xaa, 0x06, 0x02, 0x01, 0x02];

        Assert.Equal(4, Vectors.Requests.Read(new ReadOnlySequence<byte>(bytes)).Body.Length);
    }

    [Fact]
    public void ImmediateResponse_IsNoStepOfARequest()
    {
        Assert.Throws<ArgumentException>(() => Vectors.Requests.Measure(new ProcessingRequest { Step = ProcessingStep.ImmediateResponse }));
    }
}
