namespace Aspire.Hosting.ApplicationModel;

/// <summary>The picture shown for a resource, a Fluent UI icon name.</summary>
public sealed class ResourceIconAnnotation(string iconName, IconVariant iconVariant = IconVariant.Filled) : IResourceAnnotation
{
    public string IconName { get; } = iconName;

    public IconVariant IconVariant { get; } = iconVariant;
}

/// <summary>Style of an icon.</summary>
public enum IconVariant
{
    Regular,
    Filled,
}
