using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router;

/// <summary>What the program is to be, read before the flags of either mode are.</summary>
internal sealed class ModeFlag : CommandFlags
{
    public const string Name = "mode";
    public const string Router = "router";
    public const string Sidecar = "sidecar";
    public const string Help = "router, or sidecar: the routing proxy beside a decode engine.";

    private readonly Flag<string> _mode;

    private ModeFlag()
        : base("router", "") => _mode = Define(Name, Router, Help);

    /// <summary>Whether command line, environment or configuration file ask for the sidecar.</summary>
    /// <remarks>Everything else in them is the mode's own business, mistakes included.</remarks>
    public static bool IsSidecar(IEnumerable<string> args)
    {
        var flag = new ModeFlag();
        _ = flag.Read([.. args.Where(argument => argument is not ("--help" or "-h" or "-?" or "--version"))]);
        return flag._mode.Value == Sidecar;
    }

    /// <summary>What is wrong with a mode; null when nothing is.</summary>
    public static string? FindMistake(string mode) => mode is Router or Sidecar ? null : $"must be {Router} or {Sidecar}";

    protected override bool AcceptUnknown(string name) => true;
}
