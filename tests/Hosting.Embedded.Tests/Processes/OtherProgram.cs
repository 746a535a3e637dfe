using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>This assembly as a program of its own, which a test may kill.</summary>
internal static class OtherProgram
{
    private const string RoleVariable = "TEST_PROGRAM_ROLE";

    public static string DotNet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    public static string Assembly => typeof(OtherProgram).Assembly.Location;

    /// <summary>Makes <c>dotnet exec</c> of this assembly below <paramref name="start"/> play a role.</summary>
    public static void SetRole(ProcessStartInfo start, string role)
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = Assembly;
        start.Environment[RoleVariable] = role;
    }

    public static void Run()
    {
        // Children inherit the environment, and must not play our role.
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        switch (Environment.GetEnvironmentVariable(RoleVariable))
        {
            case DoomedParent.Role:
                DoomedParent.Run();
                break;
        }
    }
}
