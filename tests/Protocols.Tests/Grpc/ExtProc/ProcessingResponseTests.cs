using System.Buffers;
using System.Text;
using LlmdAspire.Protocols.ExtProc;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>Responses as Google's protobuf writes them.</summary>
public sealed class ProcessingResponseTests
{
    [Fact]
    public void Headers_AreReadWithMutationMetadataModeAndTimeout()
    {
        var response = Vectors.Response(0);

        Assert.Equal(ProcessingStep.RequestHeaders, response.Step);
        Assert.True(response.ReplacesMessage);
        Assert.True(response.ClearsRouteCache);
        Assert.Equal(["x", "y"], response.Headers!.Remove);
        Assert.Equal(["a", "c", "e"], response.Headers.Set.Select(change => change.Header.Name));
        Assert.Equal(["b", "d", ""], response.Headers.Set.Select(change => change.Header.Text));
        Assert.Equal([null, false, true], response.Headers.Set.Select(change => change.Append));
        Assert.Equal((HeaderAppendAction.OverwriteIfExistsOrAdd, true), (response.Headers.Set[0].Action, response.Headers.Set[0].KeepsEmptyValue));
        Assert.Equal((HeaderAppendAction.AppendIfExistsOrAdd, false), (response.Headers.Set[1].Action, response.Headers.Set[1].KeepsEmptyValue));
        Assert.Equal("two", response.DynamicMetadata!["list"]!.Items[1].Text);
        Assert.Equal(
            new ProcessingMode { RequestHeaders = HeaderSendMode.Send, ResponseBody = BodySendMode.FullDuplexStreamed, ResponseTrailers = HeaderSendMode.Skip },
            response.ModeOverride);
        Assert.Equal(TimeSpan.FromSeconds(1.5), response.OverrideMessageTimeout);
    }

    [Theory]
    [InlineData(HeaderAppendAction.AppendIfExistsOrAdd, null, HeaderAppendAction.OverwriteIfExistsOrAdd)]
    [InlineData(HeaderAppendAction.AppendIfExistsOrAdd, false, HeaderAppendAction.OverwriteIfExistsOrAdd)]
    [InlineData(HeaderAppendAction.AppendIfExistsOrAdd, true, HeaderAppendAction.AppendIfExistsOrAdd)]
    [InlineData(HeaderAppendAction.AddIfAbsent, true, HeaderAppendAction.AddIfAbsent)]
    [InlineData(HeaderAppendAction.OverwriteIfExists, null, HeaderAppendAction.OverwriteIfExists)]
    public void HeaderThatSetsNoAction_Overwrites_UnlessItSaysAppend(HeaderAppendAction action, bool? append, HeaderAppendAction effect)
    {
        Assert.Equal(effect, new HeaderChange(new EnvoyHeader("a", "b"), action, Append: append).Effect);
    }

    [Fact]
    public void Bodies_AreReadOfEachKind()
    {
        var streamed = Vectors.Response(1);
        Assert.Equal((ProcessingStep.ResponseBody, BodyMutationKind.Stream, true), (streamed.Step, streamed.Body.Kind, streamed.Body.EndOfStream));
        Assert.Equal([0, 1, 2], streamed.Body.Body.ToArray());
        Assert.Equal(BodyMutationKind.Clear, Vectors.Response(2).Body.Kind);
        Assert.Equal((BodyMutationKind.Replace, true), (Vectors.Response(3).Body.Kind, Vectors.Response(3).Body.Body.IsEmpty));
    }

    [Fact]
    public void Trailers_AreAMutation()
    {
        Assert.Equal(ProcessingStep.ResponseTrailers, Vectors.Response(4).Step);
        Assert.Equal(["z"], Vectors.Response(4).Headers!.Remove);
    }

    [Fact]
    public void ImmediateResponse_IsReadWhole()
    {
        var response = Vectors.Response(5);

        Assert.Equal(ProcessingStep.ImmediateResponse, response.Step);
        Assert.Equal((429, 8, "because"), (response.Immediate!.StatusCode, response.Immediate.GrpcStatus, response.Immediate.Details));
        Assert.Equal("foo", Encoding.UTF8.GetString(response.Immediate.Body.Span));
        Assert.Equal("1", response.Immediate.Headers.Set[0].Header.Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void WrittenAgain_ReadsTheSame(int index)
    {
        var once = Vectors.Write(Vectors.Responses, Vectors.Response(index));

        Assert.Equal(once, Vectors.Write(Vectors.Responses, Vectors.Responses.Read(new ReadOnlySequence<byte>(once))));
    }
}
