using System.CommandLine;

namespace LlmdAspire.ServiceDefaults;

/// <summary>One command-line flag of a service, with its value once the flags were read.</summary>
/// <remarks>Written once by <see cref="CommandFlags.Read(IReadOnlyList{string})"/> before any service starts; readable from any thread afterwards.</remarks>
public abstract class Flag
{
    private protected Flag(string name) => Name = name;

    /// <summary>Kebab-case name without the dashes, for example <c>drain-timeout</c>; also the configuration key.</summary>
    public string Name { get; }

    /// <summary>Whether the command line, the environment or the configuration file gave a value.</summary>
    public bool IsGiven { get; private protected set; }

    /// <summary>An environment variable of a program that is replaced, which counts where ours is not set; null where there is none.</summary>
    internal string? OtherVariable { get; set; }

    internal abstract Option Option { get; }

    /// <summary>Whether the flag takes several values, from a repeated flag, a list after it, or a list in the configuration file.</summary>
    internal abstract bool IsList { get; }

    /// <summary>Whether the flag may stand without a value and then means true.</summary>
    internal abstract bool IsSwitch { get; }

    internal abstract object? DefaultValue { get; }

    /// <summary>What <c>--help</c> writes for the value.</summary>
    internal abstract string ValueName { get; }

    /// <summary>What is wrong with a value that could be read, as whole lines.</summary>
    internal abstract IEnumerable<string> FindMistakes(ParseResult result);

    internal abstract void Take(ParseResult result);

    /// <summary>Whether the same flag of another reading has the same value.</summary>
    internal abstract bool HasValueOf(Flag other);

    /// <summary>Takes the value of the same flag of another reading.</summary>
    internal abstract void TakeFrom(Flag other);
}

/// <inheritdoc cref="Flag"/>
/// <typeparam name="T">Type of the value; a list flag has an array type.</typeparam>
public sealed class Flag<T> : Flag
{
    private readonly Option<T> _option;
    private readonly T _default;
    private readonly List<Func<T, string?>> _checks = [];

    internal Flag(Option<T> option, T defaultValue)
        : base(option.Name.TrimStart('-'))
    {
        _option = option;
        _default = defaultValue;
        Value = defaultValue;
    }

    /// <summary>The value in force: flag, else environment, else configuration file, else default.</summary>
    public T Value { get; private set; }

    internal override Option Option => _option;

    internal override bool IsList => typeof(T).IsArray;

    internal override bool IsSwitch => typeof(T) == typeof(bool) || typeof(T) == typeof(bool?);

    internal override object? DefaultValue => _default;

    internal override string ValueName => ElementType switch
    {
        var type when type == typeof(int) || type == typeof(long) || type == typeof(double) => "NUMBER",
        var type when type == typeof(TimeSpan) => "DURATION",
        var type when type == typeof(Uri) => "URL",
        _ => "TEXT",
    };

    private static Type ElementType =>
        typeof(T).GetElementType() ?? Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);

    internal void AddCheck(Func<T, string?> mistake) => _checks.Add(mistake);

    internal override IEnumerable<string> FindMistakes(ParseResult result)
    {
        if (result.GetResult(_option) is not { Implicit: false } given)
        {
            return [];
        }

        var value = result.GetValue(_option)!;
        var text = string.Join(' ', given.Tokens.Select(token => token.Value));
        return _checks.Select(check => check(value)).OfType<string>().Select(wrong => $"{_option.Name} is '{text}'; it {wrong}.");
    }

    internal override void Take(ParseResult result)
    {
        IsGiven = result.GetResult(_option) is { Implicit: false };
        Value = IsGiven ? result.GetValue(_option)! : _default;
    }

    internal override bool HasValueOf(Flag other) => (Value, ((Flag<T>)other).Value) switch
    {
        (Array mine, Array theirs) => mine.Cast<object?>().SequenceEqual(theirs.Cast<object?>()),
        var (mine, theirs) => EqualityComparer<T>.Default.Equals(mine, theirs),
    };

    internal override void TakeFrom(Flag other) => (Value, IsGiven) = (((Flag<T>)other).Value, other.IsGiven);

    /// <summary>Puts a value in the place of the default: one that something else than the three sources implies.</summary>
    internal void Imply(T value) => Value = value;

    public static implicit operator T(Flag<T> flag) => flag.Value;
}
