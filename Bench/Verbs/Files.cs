namespace LlmdAspire.Bench.Verbs;

/// <summary>Lets files stand in front of the flags: <c>bench plot a.json b.json --output c.html</c>.</summary>
internal static class Files
{
    public static IReadOnlyList<string> First(IReadOnlyList<string> args)
    {
        var files = args.TakeWhile(arg => !arg.StartsWith('-')).ToList();
        return files.Count == 0 ? args : ["--results", .. files, .. args.Skip(files.Count)];
    }
}
