namespace Aspire.Hosting;

/// <summary>How a project is added.</summary>
public class ProjectResourceOptions
{
    /// <summary>Profile of the project's launch settings; the AppHost's own profile name or the first one when null.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Ignores the project's launch settings: no endpoints and no variables come from them.</summary>
    public bool ExcludeLaunchProfile { get; set; }
}
