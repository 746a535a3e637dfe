using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc;

public sealed class GrpcMetadataTests
{
    [Theory]
    [InlineData("grpc-status", "1")]
    [InlineData("te", "x")]
    [InlineData("content-type", "x")]
    [InlineData("Upper", "x")]
    [InlineData("with space", "x")]
    [InlineData(":path", "x")]
    [InlineData("", "x")]
    [InlineData("name", "two\nlines")]
    [InlineData("name", "größer")]
    [InlineData("name-bin", "text under a binary name")]
    public void Add_RefusesWhatCannotGoOnTheWire(string name, string value)
    {
        Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add(name, value));
    }

    [Fact]
    public void AddBinary_NeedsABinaryName()
    {
        Assert.Throws<ArgumentException>(() => new GrpcMetadata().AddBinary("name", [1]));
    }

    [Theory]
    [InlineData("AQID", new byte[] { 1, 2, 3 })]
    [InlineData("AQI=", new byte[] { 1, 2 })]
    [InlineData("AQI", new byte[] { 1, 2 })]
    [InlineData("AQ, AQI", new byte[] { 1, 2 })]
    [InlineData("", new byte[0])]
    [InlineData("***", null)]
    [InlineData("A", null)]
    public void GetBinary_ReadsTheLastValue_PaddedOrNot(string text, byte[]? bytes)
    {
        var metadata = new GrpcMetadata();
        metadata.AddReceived("token-bin", text);

        Assert.Equal(bytes, metadata.GetBinary("token-bin"));
    }

    [Fact]
    public void Received_KeepsOrderAndRepeats_WithoutGrpcsOwnHeaders()
    {
        var metadata = new GrpcMetadata();
        metadata.AddReceived("X-One", "1");
        metadata.AddReceived("grpc-timeout", "1S");
        metadata.AddReceived("x-one", "2");

        Assert.Equal([new("x-one", "1"), new("x-one", "2")], metadata);
        Assert.Equal("2", metadata.Get("X-One"));
        Assert.Null(metadata.Get("grpc-timeout"));
    }
}
