namespace LlmdAspire.ServiceDefaults;

/// <summary>Writes <c>--help</c>.</summary>
internal static class HelpText
{
    private const int DescriptionColumn = 38;
    private const int Width = 120;

    /// <param name="program">Program name.</param>
    /// <param name="usage">Program name, with the verb where there is one.</param>
    /// <param name="description">What the program does.</param>
    /// <param name="own">Flags of this program.</param>
    /// <param name="commonTitle">What stands over the common ones.</param>
    /// <param name="common">Flags that many programs share.</param>
    public static IReadOnlyList<string> Of(
        string program, string usage, string description, IEnumerable<Flag> own, string commonTitle, IEnumerable<Flag> common)
    {
        var prefix = $"LLMD_{program.Replace('-', '_').ToUpperInvariant()}_";
        return
        [
            description,
            "",
            $"Usage: {usage} [options]",
            .. Section("Options:", own),
            .. Section(commonTitle, common),
            .. Row("--help", "Shows this text."),
            .. Row("--version", "Shows the version."),
            "",
            $"Each option may also be an environment variable (--port: {prefix}PORT) or a key of the --config file;",
            "the command line beats the environment, which beats the file.",
        ];
    }

    private static IEnumerable<string> Section(string title, IEnumerable<Flag> flags)
    {
        var rows = flags.Where(flag => flag.Option.Description is { Length: > 0 }).SelectMany(Row).ToList();
        return rows.Count == 0 ? [] : ["", title, .. rows];
    }

    private static IEnumerable<string> Row(Flag flag)
    {
        var names = string.Join(", ", flag.Option.Aliases.Prepend(flag.Option.Name));
        var value = flag.IsSwitch ? "" : flag.IsList ? $" {flag.ValueName} ..." : $" {flag.ValueName}";
        var shown = FlagText.Write(flag.DefaultValue);
        var standard = shown is null ? "" : $" [{shown}]";
        return Row(names + value, flag.Option.Description + standard);
    }

    private static IEnumerable<string> Row(string left, string right)
    {
        var line = "  " + left;
        if (line.Length >= DescriptionColumn)
        {
            yield return line;
            line = "";
        }

        line = line.PadRight(DescriptionColumn);
        foreach (var word in right.Split(' '))
        {
            if (line.Length + word.Length > Width && line.Length > DescriptionColumn)
            {
                yield return line.TrimEnd();
                line = new string(' ', DescriptionColumn);
            }

            line += word + " ";
        }

        yield return line.TrimEnd();
    }
}
