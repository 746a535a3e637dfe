using LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Lets this assembly run as another program in a test: the runtime calls it before Main when DOTNET_STARTUP_HOOKS names the assembly.</summary>
/// <remarks>Name and place (no namespace) are the runtime's rule.</remarks>
internal sealed class StartupHook
{
    public static void Initialize() => OtherProgram.Run();
}
