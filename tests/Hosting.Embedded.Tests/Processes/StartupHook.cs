using LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Lets this assembly run as the parent that a test kills: the runtime calls it before Main when DOTNET_STARTUP_HOOKS names the assembly.</summary>
/// <remarks>Name and place (no namespace) are the runtime's rule. See <see cref="DoomedParent"/>.</remarks>
internal sealed class StartupHook
{
    public static void Initialize()
    {
        // The children inherit the environment, and must not become parents themselves.
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        DoomedParent.Run(Environment.GetEnvironmentVariable(DoomedParent.ScriptsVariable)!.Split('\n'));
    }
}
