using System.CommandLine.Parsing;
using System.CommandLine;
using LlmdAspire.Protocols;

namespace LlmdAspire.ServiceDefaults;

/// <summary>The flags of a program, which a derived class adds in its constructor.</summary>
/// <remarks>
/// A flag <c>--drain-timeout</c> of program <c>router</c> is also the environment variable <c>LLMD_ROUTER_DRAIN_TIMEOUT</c> and the key
/// <c>drain-timeout</c> of the file named by <c>--config</c> (JSON or YAML); flag beats environment beats file.
/// </remarks>
public abstract partial class CommandFlags
{
    private readonly Command _command;
    private readonly string _usage;
    private readonly List<Flag> _flags = [];
    private int _commonCount;

    /// <param name="program">Kebab-case program name: <c>router</c>, <c>kv-indexer</c>.</param>
    /// <param name="description">What the program does, for <c>--help</c>.</param>
    /// <param name="verb">What of several things the program does; null for a program that does one.</param>
    protected CommandFlags(string program, string description, string? verb = null)
    {
        Program = program;
        _usage = verb is null ? program : $"{program} {verb}";
        _command = new Command(program, description);
        ConfigFile = Define<string?>("config", null, "JSON or YAML file with flags as keys.");
        MarkCommon();
    }

    /// <summary>Kebab-case program name.</summary>
    public string Program { get; }

    public Flag<string?> ConfigFile { get; }

    internal IReadOnlyList<Flag> All => _flags;

    /// <summary>Adds a flag with one value, or a list when <typeparamref name="T"/> is an array.</summary>
    /// <remarks>Values are text, whole numbers, numbers, switches, URLs or an enum's names in kebab case, each also nullable. A flag without help is left out of <c>--help</c>.</remarks>
    protected Flag<T> Define<T>(string name, T defaultValue, string help, params string[] aliases)
    {
        var option = new Option<T>("--" + name, [.. aliases.Select(alias => "--" + alias)])
        {
            Description = help,
            DefaultValueFactory = _ => defaultValue,
        };
        option.CustomParser = argument => Parse(argument, option.Name, defaultValue);
        return Add(option, defaultValue);
    }

    /// <summary>Adds a flag that takes a TCP port from 0 to 65535.</summary>
    protected Flag<int> DefinePort(string name, int defaultValue, string help, params string[] aliases)
    {
        var flag = Define(name, defaultValue, help, aliases);
        Check(flag, value => value is < 0 or > 65535 ? "must be a port from 0 to 65535" : null);
        return flag;
    }

    /// <summary>Adds a flag that takes a duration; see <see cref="Duration"/>.</summary>
    /// <param name="bareUnit">What one unit of a bare number stands for; one second when absent.</param>
    protected Flag<TimeSpan> DefineDuration(string name, TimeSpan defaultValue, string help, TimeSpan? bareUnit = null)
    {
        var unit = bareUnit ?? TimeSpan.FromSeconds(1);
        var option = new Option<TimeSpan>("--" + name)
        {
            Description = help,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = argument =>
            {
                var text = argument.Tokens[^1].Value;
                if (!Duration.TryParse(text, unit, out var value))
                {
                    argument.AddError($"--{name} is '{text}'; it must be a duration such as 30s, 500ms or 2m.");
                }

                return value;
            },
        };
        return Add(option, defaultValue);
    }

    /// <summary>Refuses values of a flag: <paramref name="mistake"/> returns what is wrong, for example "must be at least 1", or null.</summary>
    protected static void Check<T>(Flag<T> flag, Func<T, string?> mistake) => flag.AddCheck(mistake);

    /// <summary>Reads a flag also from an environment variable that a program which is replaced has for it.</summary>
    protected static void AlsoFrom(Flag flag, string variable) => flag.OtherVariable = variable;

    /// <summary>Mistakes between flags, one line each, looked for once each flag by itself is right.</summary>
    protected virtual IEnumerable<string> FindMistakes() => [];

    /// <summary>Whether an option that is not defined here, for example <c>--gpu-memory-utilization</c>, is accepted and ignored with a warning.</summary>
    protected virtual bool AcceptUnknown(string name) => false;

    /// <summary>Why an option that is not defined here is refused, where more can be said than that it is unknown: "is not supported yet; leave it out".</summary>
    protected virtual string? WhyRefused(string name) => null;

    /// <summary>Whether an option, written with its dashes, is defined here.</summary>
    public bool Defines(string option) => _flags.Exists(flag => flag.Option.Name == option || flag.Option.Aliases.Contains(option));

    /// <summary>Says that the flags so far are those that many programs share; <c>--help</c> lists them last.</summary>
    private protected void MarkCommon() => _commonCount = _flags.Count;

    /// <summary>What <c>--help</c> writes over the flags that many programs share.</summary>
    private protected virtual string CommonTitle => "Other options:";

    /// <summary>Puts in place what something else than flag, environment and file says about a flag that none of them gives.</summary>
    private protected virtual void TakeImplied(Func<string, string?> environment, List<string> mistakes)
    {
    }

    private Flag<T> Add<T>(Option<T> option, T defaultValue)
    {
        if (typeof(T).IsArray)
        {
            option.Arity = ArgumentArity.ZeroOrMore;
        }

        var flag = new Flag<T>(option, defaultValue);
        _command.Options.Add(option);
        _flags.Add(flag);
        return flag;
    }

    private static T? Parse<T>(ArgumentResult argument, string option, T defaultValue)
    {
        var element = typeof(T).IsArray ? typeof(T).GetElementType()! : typeof(T);
        var values = new List<object?>();
        foreach (var token in argument.Tokens)
        {
            if (FlagText.Read(element, token.Value, out var value) is { } wrong)
            {
                argument.AddError($"{option} is '{token.Value}'; it {wrong}.");
                return defaultValue;
            }

            values.Add(value);
        }

        if (!typeof(T).IsArray)
        {
            return values.Count == 0 ? defaultValue : (T?)values[^1];
        }

        var list = Array.CreateInstance(element, values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            list.SetValue(values[i], i);
        }

        return (T)(object)list;
    }
}
