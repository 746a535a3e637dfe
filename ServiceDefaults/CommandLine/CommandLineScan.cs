namespace LlmdAspire.ServiceDefaults;

/// <summary>What the command line gives, before any value is read into its type.</summary>
/// <remarks>
/// Comes before System.CommandLine because four of our rules are not its own: a repeated scalar keeps the last value, a list ends at
/// any option (also an unknown one), an unknown option may be accepted with its values, and a missing value is told from a wrong one.
/// </remarks>
internal sealed class CommandLineScan
{
    private readonly Dictionary<string, Flag> _byOption;
    private readonly Func<string, bool> _acceptUnknown;
    private readonly Func<string, string?> _whyRefused;
    private readonly Dictionary<Flag, List<string>> _values = [];

    private CommandLineScan(IEnumerable<Flag> flags, Func<string, bool> acceptUnknown, Func<string, string?> whyRefused)
    {
        _byOption = flags
            .SelectMany(flag => flag.Option.Aliases.Prepend(flag.Option.Name), (flag, option) => (flag, option))
            .ToDictionary(pair => pair.option, pair => pair.flag, StringComparer.Ordinal);
        _acceptUnknown = acceptUnknown;
        _whyRefused = whyRefused;
    }

    public bool WantsHelp { get; private set; }

    public bool WantsVersion { get; private set; }

    public List<string> Mistakes { get; } = [];

    /// <summary>Unknown options that the service accepts and ignores, as written.</summary>
    public List<string> Ignored { get; } = [];

    public IEnumerable<GivenValue> Given => _values.Select(pair => new GivenValue(pair.Key, pair.Value, Source: null));

    public static CommandLineScan Of(
        IReadOnlyList<string> args, IEnumerable<Flag> flags, Func<string, bool> acceptUnknown, Func<string, string?> whyRefused)
    {
        var scan = new CommandLineScan(flags, acceptUnknown, whyRefused);
        for (var next = 0; next < args.Count;)
        {
            next = scan.ReadOne(args, next);
        }

        return scan;
    }

    // Reads the option at an index and returns the index of the next one.
    private int ReadOne(IReadOnlyList<string> args, int at)
    {
        var written = args[at++];
        switch (written)
        {
            case "--help" or "-h" or "-?":
                WantsHelp = true;
                return at;
            case "--version" or "-V":
                WantsVersion = true;
                return at;
        }

        if (!IsOption(written))
        {
            Mistakes.Add($"'{written}' does not belong to an option; --help lists the options.");
            return at;
        }

        var equals = written.IndexOf('=', StringComparison.Ordinal);
        var option = equals < 0 ? written : written[..equals];
        var inline = equals < 0 ? null : written[(equals + 1)..];
        if (Find(option) is { } flag)
        {
            return ReadValues(flag, option, inline, args, at);
        }

        // vLLM's spelling for switching something off.
        if (inline is null && option.StartsWith("--no-", StringComparison.Ordinal) && Find("--" + option[5..]) is { IsSwitch: true } negated)
        {
            _values[negated] = ["false"];
            return at;
        }

        Refuse(option);
        while (inline is null && at < args.Count && !IsOption(args[at]))
        {
            at++;
        }

        return at;
    }

    private int ReadValues(Flag flag, string option, string? inline, IReadOnlyList<string> args, int at)
    {
        if (flag.IsList)
        {
            if (!_values.TryGetValue(flag, out var values))
            {
                _values[flag] = values = [];
            }

            if (inline is not null)
            {
                AddTo(values, inline);
                return at;
            }

            while (at < args.Count && !IsOption(args[at]))
            {
                AddTo(values, args[at++]);
            }

            return at;
        }

        if (inline is null && flag.IsSwitch)
        {
            var hasValue = at < args.Count && FlagText.ReadSwitch(args[at]) is not null;
            _values[flag] = [hasValue ? args[at++] : "true"];
            return at;
        }

        if (inline is null && (at == args.Count || args[at].StartsWith("--", StringComparison.Ordinal)))
        {
            Mistakes.Add($"{option} needs a value; --help lists the options.");
            return at;
        }

        _values[flag] = [inline ?? args[at++]];
        return at;
    }

    // An empty string in a list stands for "none", so that a script can pass an empty variable.
    private static void AddTo(List<string> values, string value)
    {
        if (value.Length > 0)
        {
            values.Add(value);
        }
    }

    private Flag? Find(string option) =>
        _byOption.GetValueOrDefault(option)
        // argparse users also write underscores.
        ?? _byOption.GetValueOrDefault("--" + option.TrimStart('-').Replace('_', '-'));

    private void Refuse(string option)
    {
        if (_acceptUnknown(option))
        {
            Ignored.Add(option);
            return;
        }

        if (_whyRefused("--" + option.TrimStart('-').Replace('_', '-')) is { } why)
        {
            Mistakes.Add($"{option} {why}.");
            return;
        }

        var nearest = NearestName.Of(option, _byOption.Keys);
        Mistakes.Add(nearest is null
            ? $"{option} is not an option; --help lists the options."
            : $"{option} is not an option; did you mean {nearest}? --help lists the options.");
    }

    // "-1" and "-" are values.
    private static bool IsOption(string token) =>
        token.Length > 1 && token[0] == '-' && !char.IsAsciiDigit(token[1]) && token[1] != '.';
}
