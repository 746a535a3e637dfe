using System.Xml.Linq;

namespace LlmdAspire.Architecture.Tests;

/// <summary>Who may know whom: the arrows of docs/architecture.md, held against the project files.</summary>
public sealed class ReferenceArrowTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Protocols"] = [],
        ["Serving"] = ["Protocols"],
        ["EngineModel"] = ["Serving"],
        ["Scheduling"] = ["Serving"],
        ["ServiceDefaults"] = ["Protocols"],
        ["Epp"] = ["Scheduling", "ServiceDefaults"],
        ["KvIndexer"] = ["Serving", "ServiceDefaults"],
        ["Router"] = ["Serving", "ServiceDefaults"],
        ["Simulator"] = ["EngineModel", "ServiceDefaults"],
        ["Dashboard"] = ["Serving", "ServiceDefaults"],
        ["Bench"] = ["EngineModel", "Scheduling", "Serving", "ServiceDefaults"],
        ["Hosting.Embedded"] = [],
        ["Hosting"] = ["Hosting.Embedded"],
        ["AppHost"] = ["Hosting", "Router", "Epp", "KvIndexer", "Simulator", "Dashboard"],
    };

    private static readonly string[] s_withoutAspNet = ["Protocols", "Serving", "Scheduling", "EngineModel"];

    public static TheoryData<string> Projects => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatTheArrowsAllow(string project)
    {
        Assert.Empty(ReferencesOf(project).Except(s_allowed[project]));
    }

    [Fact]
    public void EveryProductProject_HasItsArrows()
    {
        var folders = Directory.GetDirectories(Repository.Root)
            .Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0)
            .Select(folder => Path.GetFileName(folder)!);

        Assert.Equal(s_allowed.Keys.Order(), folders.Order());
    }

    [Fact]
    public void LowerLayers_DoNotKnowAspNetOrAspire()
    {
        foreach (var project in s_withoutAspNet)
        {
            var text = File.ReadAllText(Repository.ProjectFile(project));

            Assert.DoesNotContain("Microsoft.AspNetCore", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Sdk.Web", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Aspire", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AppHostAndHosting_HaveNoConditionalCompilation()
    {
        var sources = new[] { "AppHost", "Hosting" }
            .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories));

        Assert.DoesNotContain(sources, file => File.ReadLines(file).Any(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal)));
    }

    [Fact]
    public void OnlyHosting_ReferencesTheEmbeddedMode()
    {
        var others = s_allowed.Keys.Where(project => project is not "Hosting");

        Assert.DoesNotContain(others, project => ReferencesOf(project).Contains("Hosting.Embedded"));
    }

    private static IEnumerable<string> ReferencesOf(string project) =>
        XDocument.Load(Repository.ProjectFile(project)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
