using System.CommandLine;
using System.CommandLine.Parsing;

namespace LlmdAspire.ServiceDefaults;

public abstract partial class CommandFlags
{
    /// <summary>Unknown options that were accepted and mean nothing here.</summary>
    public IReadOnlyList<string> Ignored { get; private set; } = [];

    /// <summary>Reads the flags from command line, environment and file.</summary>
    /// <returns>Null to go on, or what to print and the exit code: 0 after <c>--help</c> or <c>--version</c>, 2 after mistakes.</returns>
    public EarlyExit? Read(IReadOnlyList<string> args) => Read(args, Environment.GetEnvironmentVariable);

    internal EarlyExit? Read(IReadOnlyList<string> args, Func<string, string?> environment) => Read(args, environment, running: null);

    private EarlyExit? Read(IReadOnlyList<string> args, Func<string, string?> environment, CommandFlags? running)
    {
        _args = args;
        _environment = environment;
        var scan = CommandLineScan.Of(args, _flags, AcceptUnknown, WhyRefused);
        if (scan.WantsHelp)
        {
            return new EarlyExit(0, HelpText.Of(Program, _usage, _command.Description!, _flags.Skip(_commonCount), CommonTitle, _flags.Take(_commonCount)));
        }

        if (scan.WantsVersion)
        {
            return new EarlyExit(0, [$"{Program} {ProductVersion.Text}"]);
        }

        var mistakes = scan.Mistakes;
        var ignored = scan.Ignored;
        var given = Gather(scan.Given, environment, mistakes, ignored);
        SpellOutSwitches(given, mistakes);
        var result = _command.Parse([.. given.Values.SelectMany(value => value.ToTokens())], s_configuration);
        mistakes.AddRange(FindMistakes(result, given));
        if (mistakes.Count == 0)
        {
            foreach (var flag in _flags)
            {
                flag.Take(result);
            }

            TakeImplied(environment, mistakes);
            Compare(running);
            mistakes.AddRange(FindMistakes());
        }

        Ignored = ignored;
        return mistakes.Count == 0 ? null : new EarlyExit(2, mistakes);
    }

    // '@' at the start of a value is not a response file here.
    private static readonly ParserConfiguration s_configuration = new() { ResponseFileTokenReplacer = null };

    private Dictionary<Flag, GivenValue> Gather(
        IEnumerable<GivenValue> commandLine, Func<string, string?> environment, List<string> mistakes, List<string> ignored)
    {
        var given = commandLine.ToDictionary(value => value.Flag);
        foreach (var flag in _flags.Where(flag => !given.ContainsKey(flag)))
        {
            if (EnvironmentValues.Of(Program, flag, environment) is { } value)
            {
                given.Add(flag, value);
            }
        }

        if (given.TryGetValue(ConfigFile, out var config) && config.Values[0].Length > 0)
        {
            AddFile(config.Values[0], given, mistakes, ignored);
        }

        return given;
    }

    private void AddFile(string path, Dictionary<Flag, GivenValue> given, List<string> mistakes, List<string> ignored)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>?> keys;
        try
        {
            keys = ConfigurationFile.Read(path);
        }
        catch (UsageException e)
        {
            mistakes.Add(e.Message);
            return;
        }

        foreach (var (key, values) in keys)
        {
            // With underscores as well, as on the command line.
            var name = key.Replace('_', '-');
            var flag = _flags.Find(candidate => candidate.Name == name || candidate.Option.Aliases.Contains("--" + name));
            if (flag is null && AcceptUnknown("--" + key))
            {
                ignored.Add(key);
            }
            else if (flag is null && WhyRefused("--" + name) is { } why)
            {
                mistakes.Add($"{path} holds '{key}', which {why}.");
            }
            else if (flag is null)
            {
                var nearest = NearestName.Of(key, _flags.Select(known => known.Name));
                mistakes.Add($"{path} holds '{key}', which is not an option; {(nearest is null ? "--help lists the options." : $"did you mean {nearest}?")}");
            }
            else if (flag == ConfigFile)
            {
                mistakes.Add($"{path} holds 'config'; a configuration file cannot name another one.");
            }
            else if (values is { Count: not 1 } && !flag.IsList)
            {
                mistakes.Add($"{path} gives {flag.Name} a list; it takes one value.");
            }
            else if (values is not null)
            {
                given.TryAdd(flag, new GivenValue(flag, values, path));
            }
        }
    }

    // System.CommandLine knows no "on" and takes another word than true or false for an argument of its own.
    private static void SpellOutSwitches(Dictionary<Flag, GivenValue> given, List<string> mistakes)
    {
        foreach (var (flag, value) in given.Where(pair => pair.Key.IsSwitch).ToList())
        {
            if (FlagText.ReadSwitch(value.Values[0]) is { } on)
            {
                given[flag] = value with { Values = [on ? "true" : "false"] };
            }
            else
            {
                mistakes.Add(value.Sign($"--{flag.Name} is '{value.Values[0]}'; it must be true or false."));
                given.Remove(flag);
            }
        }
    }

    // A value that cannot be read has one message; only one that can is judged by the flag's own checks.
    private IEnumerable<string> FindMistakes(ParseResult result, Dictionary<Flag, GivenValue> given)
    {
        var unreadable = result.Errors.ToLookup(error => OptionOf(error.SymbolResult));
        foreach (var flag in _flags)
        {
            var mistakes = unreadable.Contains(flag.Option)
                ? unreadable[flag.Option].Select(error => error.Message).Distinct()
                : flag.FindMistakes(result);
            foreach (var mistake in mistakes)
            {
                yield return given.GetValueOrDefault(flag)?.Sign(mistake) ?? mistake;
            }
        }

        foreach (var error in unreadable[null])
        {
            yield return error.Message;
        }
    }

    private static Option? OptionOf(SymbolResult? symbol)
    {
        while (symbol is not null and not OptionResult)
        {
            symbol = symbol.Parent;
        }

        return (symbol as OptionResult)?.Option;
    }
}
