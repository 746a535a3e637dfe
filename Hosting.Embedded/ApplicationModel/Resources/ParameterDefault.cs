namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes up a parameter's value when configuration has none.</summary>
public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}
