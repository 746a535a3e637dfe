using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Where a project is; the build generates one implementation per project the AppHost references.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>Absolute path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>Stands in for the project's <c>launchSettings.json</c>; null reads the file.</summary>
    LaunchSettings? LaunchSettings => null;
}
