using LlmdAspire.KvIndexer.Tokens;

namespace LlmdAspire.KvIndexer.Tests.Tokens;

public sealed class SpliceTests
{
    [Theory]
    [InlineData("1 2 3 4 5 9", "1 4 5 9", "1 4 5 9 6 7 9", "1 2 3 4 5 9 6 7 9", "nothing is lost")]
    [InlineData("1 2 3 4 5 9", "1 4 5 9", "1 4 5 6 7 9", "1 2 3 4 5 6 7 9", "the last turn's end goes")]
    [InlineData("1 2 8 4 5", "1 8 4 5", "1 4 5 6 8 7", "1 2 4 5 6 8 7", "a mark moves to the new last turn")]
    [InlineData("1 2 3 4 5", "0 4 5", "0 4 5 6", "1 2 3 4 5 6", "a beginning of its own is left out")]
    [InlineData("1 2 3 4 5", "1 4 6", "1 4 6 7", null, "the known one ends otherwise")]
    [InlineData("1 2 3 4 5", "1 3 4 5", "2 3 4 5 6", null, "nothing in common from the start")]
    [InlineData("5", "1 3 4 5", "1 6 7", null, "the known one is too short")]
    public void TryContinue_ReplacesTheEnd(string known, string brief, string longer, string? expected, string why)
    {
        var spliced = Splice.TryContinue(Ids(known), Ids(brief), Ids(longer));

        Assert.True(expected == (spliced is null ? null : string.Join(' ', spliced)), why);
    }

    private static int[] Ids(string text) => [.. text.Split(' ').Select(int.Parse)];
}
