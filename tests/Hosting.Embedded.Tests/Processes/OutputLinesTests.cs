using System.Text;

namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class OutputLinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("one\ntwo\n", new[] { "one", "two" })]
    [InlineData("no end", new[] { "no end" })]
    [InlineData("windows\r\n\r\nend", new[] { "windows", "", "end" })]
    [InlineData("grüße 🐑\n", new[] { "grüße 🐑" })]
    public async Task Lines_AreTheSame_HoweverTheBytesArrive(string text, string[] expected)
    {
        var bytes = Encoding.UTF8.GetBytes(text);

        Assert.Equal(expected, await LinesOf(new MemoryStream(bytes)));
        Assert.Equal(expected, await LinesOf(new OneByteAtATime(bytes)));
    }

    [Fact]
    public async Task BytesThatAreNoText_BecomeReplacementCharacters()
    {
        Assert.Equal(["a\uFFFDb", "\uFFFD"], await LinesOf(new MemoryStream([(byte)'a', 0xff, (byte)'b', (byte)'\n', 0xf0])));
    }

    [Fact]
    public async Task AnEndlessLine_IsCutAndTheNextOneIsWhole()
    {
        var text = new string('x', OutputLines.MaxLength + 5) + "\nnext";

        Assert.Equal([new string('x', OutputLines.MaxLength) + " [... 5 more characters]", "next"], await LinesOf(new MemoryStream(Encoding.UTF8.GetBytes(text))));
    }

    private static async Task<List<string>> LinesOf(Stream stream)
    {
        var lines = new List<string>();
        await OutputLines.ReadAsync(stream, lines.Add);
        return lines;
    }

    private sealed class OneByteAtATime(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
