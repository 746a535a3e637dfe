using System.Diagnostics;
using System.Globalization;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Who runs and who started whom, on Linux and macOS. Ended processes that nobody has reaped yet are left out.</summary>
internal static class ProcessTable
{
    public static IReadOnlyList<ProcessEntry> Read() => OperatingSystem.IsLinux() ? ReadProc() : ReadPs("-A");

    /// <summary>The process with this id, or null when there is none.</summary>
    public static ProcessEntry? Find(int id)
    {
        if (OperatingSystem.IsLinux())
        {
            return ReadStat(id);
        }

        foreach (var entry in ReadPs("-p", id.ToString(CultureInfo.InvariantCulture)))
        {
            return entry;
        }

        return null;
    }

    public static bool IsAlive(ProcessEntry entry) => Find(entry.Id) is { } now && now.IsSame(entry);

    /// <summary>Children, their children and so on of <paramref name="root"/>; the root itself is left out.</summary>
    public static IReadOnlyList<ProcessEntry> Descendants(IReadOnlyList<ProcessEntry> table, int root)
    {
        var children = table.ToLookup(entry => entry.ParentId);
        var found = new List<ProcessEntry>();
        var open = new Queue<int>([root]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in children[parent])
            {
                // The init process may be its own parent's parent in some containers: never walk in circles.
                if (child.Id != root && !found.Exists(known => known.Id == child.Id))
                {
                    found.Add(child);
                    open.Enqueue(child.Id);
                }
            }
        }

        return found;
    }

    // "4711 (a name) with) S 1 4711 ... 22nd field: start time in ticks since boot". The name may hold anything, so count from the last parenthesis.
    internal static ProcessEntry? ParseStat(string stat)
    {
        var nameStart = stat.IndexOf('(', StringComparison.Ordinal);
        var nameEnd = stat.LastIndexOf(')');
        if (nameStart < 0 || nameEnd < nameStart)
        {
            return null;
        }

        var fields = stat[(nameEnd + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 20 && fields[0] is not ("Z" or "X")
            ? new ProcessEntry(Number(stat[..nameStart]), Number(fields[1]), fields[19])
            : null;
    }

    // "  501     1 Ss   Fri Nov 20 19:31:06 2026"
    internal static ProcessEntry? ParsePs(string line)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 4 && !fields[2].StartsWith('Z')
            ? new ProcessEntry(Number(fields[0]), Number(fields[1]), string.Join('_', fields[3..]))
            : null;
    }

    private static List<ProcessEntry> ReadProc()
    {
        var table = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ReadStat(id) is { } entry)
            {
                table.Add(entry);
            }
        }

        return table;
    }

    private static ProcessEntry? ReadStat(int id)
    {
        try
        {
            return ParseStat(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked.
        }
    }

    private static List<ProcessEntry> ReadPs(params string[] which)
    {
        using var ps = Process.Start(new ProcessStartInfo("ps", [.. which, "-o", "pid=,ppid=,stat=,lstart="]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("Cannot start 'ps'.");
        var table = new List<ProcessEntry>();
        while (ps.StandardOutput.ReadLine() is { } line)
        {
            if (ParsePs(line) is { } entry && entry.Id != ps.Id)
            {
                table.Add(entry);
            }
        }

        ps.WaitForExit();
        return table;
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
}
