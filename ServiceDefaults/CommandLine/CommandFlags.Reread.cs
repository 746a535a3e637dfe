namespace LlmdAspire.ServiceDefaults;

public abstract partial class CommandFlags
{
    private readonly List<Flag> _changed = [];
    private readonly List<Flag> _kept = [];
    private IReadOnlyList<string> _args = [];
    private Func<string, string?> _environment = _ => null;

    /// <summary>Whether a flag can change while the program runs; the others are read once, when it starts.</summary>
    protected virtual bool CanChange(Flag flag) => false;

    /// <summary>Reads what running flags were read from once more: their configuration file may have changed.</summary>
    /// <remarks>A flag that cannot change keeps the value that is in force, and mistakes between flags are looked for in what results.</remarks>
    /// <param name="running">Flags of the same type, which are in force.</param>
    public Reread ReadAgain(CommandFlags running)
    {
        var exit = Read(running._args, running._environment, running);
        return new Reread(exit?.Lines ?? [], _changed, _kept);
    }

    private void Compare(CommandFlags? running)
    {
        for (var i = 0; running is not null && i < _flags.Count; i++)
        {
            var (flag, inForce) = (_flags[i], running._flags[i]);
            if (flag.HasValueOf(inForce))
            {
                continue;
            }

            if (CanChange(flag))
            {
                _changed.Add(flag);
            }
            else
            {
                flag.TakeFrom(inForce);
                _kept.Add(flag);
            }
        }
    }
}

/// <summary>What reading flags again has shown.</summary>
/// <param name="Mistakes">Why the new values cannot be in force, one line each; with any of them the rest says nothing.</param>
/// <param name="Changed">Flags with a new value.</param>
/// <param name="Kept">Flags that were given a new value and have the old one, because they cannot change while the program runs.</param>
public sealed record Reread(IReadOnlyList<string> Mistakes, IReadOnlyList<Flag> Changed, IReadOnlyList<Flag> Kept);
