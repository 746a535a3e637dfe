using System.Runtime.CompilerServices;

namespace LlmdAspire.Tests.Shared;

/// <summary>The folder <c>shared/reference</c> beside the checkout: schemas and files of others, which are not part of the product.</summary>
public static class ReferenceFolder
{
    public const string WhyAbsent = "shared/reference is not beside the checkout";

    /// <summary>Null where it is absent.</summary>
    public static string? Path { get; } = Find();

    private static string? Find([CallerFilePath] string thisFile = "")
    {
        for (var folder = Directory.GetParent(thisFile); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared", "reference");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
