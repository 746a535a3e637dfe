namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class ProcessTableTests
{
    [Theory]
    [InlineData("4711 (dotnet) S 12 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 1 2", 4711, 12, "998877")]
    [InlineData("5 (a (strange) name) R 1 5 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 42 1 2", 5, 1, "42")]
    public void ParseStat_ReadsIdParentAndStart_WhateverTheName(string stat, int id, int parent, string started)
    {
        Assert.Equal(new ProcessEntry(id, parent, started), ProcessTable.ParseStat(stat));
    }

    [Fact]
    public void ParseStat_AZombie_HasEnded()
    {
        Assert.Null(ProcessTable.ParseStat("4711 (dotnet) Z 12 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 998877 1 2"));
    }

    [Fact]
    public void ParsePs_ReadsIdParentAndStart()
    {
        Assert.Equal(new ProcessEntry(501, 1, "Fri_Nov_20_19:31:06_2026"), ProcessTable.ParsePs("  501     1 Ss   Fri Nov 20 19:31:06 2026"));
        Assert.Null(ProcessTable.ParsePs("  501     1 Z    Fri Nov 20 19:31:06 2026"));
    }

    [Fact]
    public void Descendants_AreFoundInAnyOrder_AndCirclesEnd()
    {
        ProcessEntry[] table = [new(4, 3, ""), new(3, 2, ""), new(2, 1, ""), new(9, 8, ""), new(1, 3, "")];

        Assert.Equal([1, 3, 4], ProcessTable.Descendants(table, 2).Select(entry => entry.Id).Order());
        Assert.Empty(ProcessTable.Descendants(table, 4));
    }

    [Fact]
    public void Find_KnowsThisVeryProcess()
    {
        Shell.SkipWhereThereIsNone();

        Assert.True(ProcessTable.IsAlive(ProcessTable.Find(Environment.ProcessId)!.Value));
        Assert.Contains(ProcessTable.Read(), entry => entry.Id == Environment.ProcessId);
    }
}
