using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Reads <c>Properties/launchSettings.json</c> of projects.</summary>
internal static class LaunchProfiles
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNameCaseInsensitive = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Gives a project the endpoints and variables of a profile; what the model sets itself wins. Publishing keeps only that there are endpoints.</summary>
    public static void Apply(IResourceBuilder<ProjectResource> project, IProjectMetadata metadata, string? profileName)
    {
        var settings = metadata.LaunchSettings ?? Read(Path.GetDirectoryName(metadata.ProjectPath));
        var wanted = profileName ?? project.ApplicationBuilder.Configuration["DOTNET_LAUNCH_PROFILE"];
        if (Choose(settings, wanted) is not var (name, profile))
        {
            if (profileName is not null)
            {
                throw new DistributedApplicationException($"Project '{project.Resource.Name}' has no launch profile '{profileName}'.");
            }

            return;
        }

        if (project.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            AddPublishedEndpoints(project, profile);
            return;
        }

        AddEndpoints(project, profile);
        project.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", name);
            foreach (var (key, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(key, value);
            }
        });
    }

    /// <summary>The settings of the project in a folder; null when it has none.</summary>
    public static LaunchSettings? Read(string? projectDirectory)
    {
        var file = Path.Combine(projectDirectory ?? "", "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(file), s_json);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException($"{file} is not valid: {exception.Message}", exception);
        }
    }

    /// <summary>The profile of that name, else the first that starts the project itself.</summary>
    internal static (string Name, LaunchProfile Profile)? Choose(LaunchSettings? settings, string? wanted)
    {
        if (wanted is not null && settings?.Profiles.TryGetValue(wanted, out var named) == true)
        {
            return (wanted, named);
        }

        foreach (var (name, profile) in settings?.Profiles ?? [])
        {
            if (profile.CommandName is null or "Project")
            {
                return (name, profile);
            }
        }

        return null;
    }

    private static void AddEndpoints(IResourceBuilder<ProjectResource> project, LaunchProfile profile)
    {
        foreach (var text in profile.ApplicationUrl?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            {
                throw new DistributedApplicationException($"Project '{project.Resource.Name}': '{text}' in its launch profile is not a URL.");
            }

            // The second URL of a scheme is named with a number: http, http2, http3.
            var sameScheme = project.Resource.Annotations.OfType<EndpointAnnotation>().Count(e => e.UriScheme == url.Scheme);
            project.WithEndpoint(sameScheme == 0 ? url.Scheme : $"{url.Scheme}{sameScheme + 1}", endpoint =>
            {
                endpoint.UriScheme = url.Scheme;
                endpoint.Port = url.Port;
                endpoint.TargetHost = url.Host;
            });
        }
    }

    // The profile's ports are a developer's; where the image listens is decided when it is built.
    private static void AddPublishedEndpoints(IResourceBuilder<ProjectResource> project, LaunchProfile profile)
    {
        if (profile.ApplicationUrl is null)
        {
            return;
        }

        project
            .WithEndpoint("http", endpoint => endpoint.UriScheme = "http")
            .WithEndpoint("https", endpoint =>
            {
                endpoint.UriScheme = "https";
                project.WithAnnotation(new DefaultHttpsAnnotation(endpoint));
            });
    }
}
