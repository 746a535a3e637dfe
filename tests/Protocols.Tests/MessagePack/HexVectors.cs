namespace LlmdAspire.Protocols.Tests.MessagePack;

/// <summary>Golden vectors: files of lines <c>name hexadecimal</c>, each with a line saying how they were made.</summary>
internal static class HexVectors
{
    public static Dictionary<string, byte[]> Load(params string[] path) =>
        File.ReadLines(Path.Combine([AppContext.BaseDirectory, .. path]))
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => Convert.FromHexString(parts[1]));
}
