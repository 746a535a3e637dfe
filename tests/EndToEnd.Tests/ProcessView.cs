using System.Globalization;
using System.Net;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>What the kernel says about a process and whatever it started.</summary>
internal static class ProcessView
{
    /// <summary>Why tests that look here are skipped, or null.</summary>
    public static string? Missing => Directory.Exists("/proc/self/fd") ? null : "ports and descriptors are read from /proc";

    /// <summary>The process and its descendants.</summary>
    public static IReadOnlyList<int> Tree(int pid) =>
        [pid, .. Directory.GetDirectories($"/proc/{pid}/task")
            .SelectMany(task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
            .SelectMany(Tree)];

    /// <summary>Where the process tree listens for TCP.</summary>
    public static IReadOnlyList<IPEndPoint> Listening(int pid)
    {
        var sockets = Tree(pid).SelectMany(Descriptors).ToHashSet();
        return [.. new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .SelectMany(table => File.ReadLines(table).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns is [_, _, _, "0A", ..] && sockets.Contains($"socket:[{columns[9]}]"))
            .Select(columns => ParseAddress(columns[1]))];
    }

    public static int DescriptorCount(int pid) => Tree(pid).Sum(process => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length);

    public static int ThreadCount(int pid) => Tree(pid).Sum(process => Directory.GetDirectories($"/proc/{process}/task").Length);

    public static long ResidentBytes(int pid) => Tree(pid).Sum(process =>
        1024 * long.Parse(
            File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..^"kB".Length],
            CultureInfo.InvariantCulture));

    private static IEnumerable<string> Descriptors(int pid) =>
        Directory.GetFileSystemEntries($"/proc/{pid}/fd").Select(entry => new FileInfo(entry).LinkTarget ?? "");

    // 0100007F:7530 is 127.0.0.1:30000: words in the machine's byte order.
    private static IPEndPoint ParseAddress(string text)
    {
        var (address, port) = (text[..text.IndexOf(':')], text[(text.IndexOf(':') + 1)..]);
        var bytes = Convert.FromHexString(address).Chunk(4).SelectMany(word => BitConverter.IsLittleEndian ? word.Reverse() : word).ToArray();
        return new(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
